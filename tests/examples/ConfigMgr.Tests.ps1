# examples/configmgr: the scripts themselves in processes of their own, with the module and its engine (CERTPROP_TEST_MODULE), on profiles in
# folders. What they have in common with those of examples/intune is tested there.

BeforeDiscovery {
    $without = -not $env:CERTPROP_TEST_MODULE -or -not (Test-Path -LiteralPath '/proc/self/fd')
}

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'module', 'Support.ps1'))
    . ([System.IO.Path]::Combine($PSScriptRoot, 'Fleet.ps1'))
}

Describe 'A configuration item' -Skip:$without {
    BeforeAll {
        # Another copy, which Module.Tests.ps1 has loaded to find its tests.
        Remove-Module -Name CertProp -Force -ErrorAction Ignore
        $temporary = Join-Folder ([System.IO.Path]::GetTempPath()) "certprop-$([guid]::NewGuid().ToString('N'))"
        $folder = Join-Folder $temporary 'CertProp'
        $null = New-Item -ItemType Directory -Path $temporary
        Copy-Item -LiteralPath $env:CERTPROP_TEST_MODULE -Destination $folder -Recurse
        $module = Join-Folder $folder 'CertProp.psd1'
        $backup = Join-Folder $temporary 'backup'

        function New-Discovery {
            $replace = Get-Setting -Setting @{ module = "'$module'"; profilePath = "'$($tree.Path)/*'" }
            New-ScriptCopy -Script 'configmgr/Discovery.ps1' -Replace $replace -Folder $temporary
        }
        function Invoke-Discovery { Invoke-ScriptCopy -Path (New-Discovery) }
        function Invoke-Remediation {
            $replace = Get-Setting -Setting @{ module = "'$module'"; profilePath = "'$($tree.Path)/*'"; backupPath = "'$backup'" }
            Invoke-ScriptCopy -Path (New-ScriptCopy -Script 'configmgr/Remediation.ps1' -Replace $replace -Folder $temporary)
        }
    }
    AfterAll {
        Remove-Module -Name CertProp -ErrorAction Ignore
        Remove-Item -LiteralPath $temporary -Recurse -Force
    }
    BeforeEach { $tree = New-ProfileTree -Folder $temporary }

    It 'discovers the number of leaked certificates and nothing else, remediates, and discovers 0' {
        $found = Start-ScriptCopy -Path (New-Discovery)
        $found.ExitCode | Should -Be 0
        $found.Errors | Should -BeNullOrEmpty
        $found.Output | Should -Be '3'
        $done = Invoke-Remediation
        $done.ExitCode | Should -Be 0
        $done.Output | Should -BeLike 'Removed: 3 (*). |*'
        $found = Invoke-Discovery
        $found.ExitCode | Should -Be 0
        $found.Output | Should -Be '0'
    }

    It 'is not compliant where the module cannot be loaded: the discovery fails and says why' {
        $module = 'NoSuchModule'
        $found = Invoke-Discovery
        $found.ExitCode | Should -Be 2
        $found.Output | Should -BeLike 'Ended early: *NoSuchModule*'
    }

    It 'is not compliant where a profile could not be entered' {
        $null = Invoke-Remediation
        $null = New-Item -ItemType SymbolicLink -Path (Join-Folder $tree.Path 'mallory') -Target (Join-Folder $tree.Path 'ada')
        $found = Invoke-Discovery
        $found.ExitCode | Should -Be 2
        $found.Output | Should -BeLike "*$($tree.Path)/mallory*"
    }

    It 'discovers the number, so that it is remediated, where only some could be read' {
        $null = New-Item -ItemType SymbolicLink -Path (Join-Folder $tree.Path 'mallory') -Target (Join-Folder $tree.Path 'ada')
        $found = Invoke-Discovery
        $found.ExitCode | Should -Be 0
        $found.Output | Should -Be '3'
    }

    It 'is remediated by the script that Intune has, but for what it says of itself' {
        $scripts = foreach ($script in 'configmgr/Remediation.ps1', 'intune/Remediate-LeakedCertificate.ps1') {
            [System.IO.File]::ReadAllText((Join-Folder $examples $script)) -replace '(?s)\A<#.*?#>'
        }
        $scripts[0] | Should -Be $scripts[1]
    }
}
