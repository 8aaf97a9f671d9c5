BeforeDiscovery {
    $module = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'module'))
    $files = Get-ChildItem -LiteralPath $module -Recurse -File |
        Where-Object { $_.FullName -notlike '*[\/]engine[\/]*' } | ForEach-Object { @{ File = $_ } }
}

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, 'Support.ps1'))
    $manifestPath = [System.IO.Path]::Combine($script:moduleSource, 'CertProp.psd1')
    Remove-Module -Name CertProp -Force -ErrorAction Ignore
    Import-Module -Name $manifestPath
}

Describe 'The manifest' {
    It 'is valid' {
        { Test-ModuleManifest -Path $manifestPath -ErrorAction Stop -WarningAction Stop } | Should -Not -Throw
    }

    It 'is for Windows PowerShell 5.1 and PowerShell 7' {
        $manifest = Test-ModuleManifest -Path $manifestPath
        $manifest.PowerShellVersion | Should -Be '5.1'
        $manifest.CompatiblePSEditions | Should -Be 'Desktop', 'Core'
    }

    It 'names every export, and nothing else is exported' {
        $expected = 'Add-CardCertificate', 'Export-CertPropReport', 'Get-CardCacheItem', 'Get-CardCertificate', 'Get-CertPropPolicy', 'Get-PropagatedCertificate', 'Get-SmartCard', 'Invoke-CertPropagation', 'Remove-CardCertificate', 'Remove-PropagatedCertificate', 'Restore-PropagatedCertificate', 'Set-CardCacheCounter', 'Test-CertPropagation', 'Watch-CertPropagation'
        (Import-PowerShellDataFile -LiteralPath $manifestPath).FunctionsToExport | Should -Be $expected
        (Get-Command -Module CertProp).Name | Should -Be $expected
    }
}

Describe 'The file <File.Name>' -ForEach $files {
    It 'is pure ASCII' {
        [System.IO.File]::ReadAllBytes($File.FullName) | Where-Object { $_ -gt 126 -or ($_ -lt 32 -and $_ -ne 10) } | Should -BeNullOrEmpty
    }
}

Describe 'The script <File.Name>' -ForEach ($files | Where-Object { $_.File.Extension -in '.ps1', '.psm1', '.psd1' }) {
    It 'parses' {
        $problems = $null
        $null = [System.Management.Automation.Language.Parser]::ParseFile($File.FullName, [ref]$null, [ref]$problems)
        $problems | Should -BeNullOrEmpty
    }
}

Describe 'Confirmation' {
    It 'is asked for <Impact> impact by <Command>' -ForEach @(
        @{ Command = 'Add-CardCertificate'; Impact = 'Medium' }
        @{ Command = 'Export-CertPropReport'; Impact = 'Medium' }
        @{ Command = 'Invoke-CertPropagation'; Impact = 'Medium' }
        @{ Command = 'Remove-CardCertificate'; Impact = 'High' }
        @{ Command = 'Remove-PropagatedCertificate'; Impact = 'High' }
        @{ Command = 'Set-CardCacheCounter'; Impact = 'Medium' }
        @{ Command = 'Test-CertPropagation'; Impact = 'Medium' }
    ) {
        $attributes = (Get-Command -Name $Command).ScriptBlock.Attributes
        $binding = $attributes | Where-Object { $_ -is [System.Management.Automation.CmdletBindingAttribute] }
        $binding.SupportsShouldProcess | Should -BeTrue
        $binding.ConfirmImpact | Should -Be $Impact
    }
}

Describe 'Importing the module' {
    BeforeAll { $folder = New-ModuleCopy }
    AfterAll { Remove-ModuleCopy -Folder $folder }

    It 'starts no process, and neither does removing it' {
        Import-ModuleCopy -Folder $folder
        Remove-Module -Name CertProp
        Get-EngineLog -Folder $folder | Should -BeNullOrEmpty
    }

    It 'fails with one clear error in another language mode' {
        $state = [initialsessionstate]::CreateDefault()
        $state.LanguageMode = 'ConstrainedLanguage'
        $runspace = [runspacefactory]::CreateRunspace($state)
        $runspace.Open()
        $powershell = [powershell]::Create()
        $powershell.Runspace = $runspace
        $null = $powershell.AddCommand('Import-Module').AddArgument([System.IO.Path]::Combine($folder, 'CertProp.psd1'))
        { $powershell.Invoke() } | Should -Throw "*FullLanguage*ConstrainedLanguage*"
        $powershell.Streams.Error | Should -BeNullOrEmpty
        $runspace.Dispose()
    }
}
