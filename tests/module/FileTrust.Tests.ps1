# With administrator's rights nothing is run that others could have changed.

BeforeDiscovery {
    $unix = [System.Environment]::OSVersion.Platform -ne [System.PlatformID]::Win32NT
    $root = $unix -and [System.Environment]::UserName -eq 'root'
}

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, 'Support.ps1'))
}

Describe 'Mode bits' {
    BeforeAll { Import-ModuleCopy -Folder $script:moduleSource }

    It '<Mode> of user <User> and group <Group> (above the file: <Ancestor>) are <Verdict>' -ForEach @(
        @{ Mode = '755'; User = 0; Group = 0; Ancestor = $false; Verdict = 'safe' }
        @{ Mode = '775'; User = 0; Group = 0; Ancestor = $false; Verdict = 'safe' }
        @{ Mode = '775'; User = 0; Group = 50; Ancestor = $false; Verdict = 'unsafe' }
        @{ Mode = '757'; User = 0; Group = 0; Ancestor = $false; Verdict = 'unsafe' }
        @{ Mode = '755'; User = 1000; Group = 0; Ancestor = $false; Verdict = 'unsafe' }
        @{ Mode = '1777'; User = 0; Group = 0; Ancestor = $false; Verdict = 'unsafe' }
        @{ Mode = '1777'; User = 0; Group = 0; Ancestor = $true; Verdict = 'safe' }
        @{ Mode = '1777'; User = 1000; Group = 0; Ancestor = $true; Verdict = 'unsafe' }
        @{ Mode = '777'; User = 0; Group = 0; Ancestor = $true; Verdict = 'unsafe' }
    ) {
        $bits = [Convert]::ToInt32($Mode, 8)
        InModuleScope CertProp -Parameters @{ Bits = $bits; User = $User; Group = $Group; Ancestor = $Ancestor; Unsafe = $Verdict -eq 'unsafe' } {
            Test-UnixModeChangeable -Mode $Bits -UserId $User -GroupId $Group -Ancestor $Ancestor | Should -Be $Unsafe
        }
    }
}

Describe 'Windows rights' {
    BeforeAll { Import-ModuleCopy -Folder $script:moduleSource }

    It '<Right> (above the file: <Ancestor>) is <Verdict>' -ForEach @(
        @{ Right = 'ReadAndExecute'; Ancestor = $false; Verdict = 'harmless' }
        @{ Right = 'Write'; Ancestor = $false; Verdict = 'harmful' }
        @{ Right = 'AppendData'; Ancestor = $false; Verdict = 'harmful' }
        @{ Right = 'Modify'; Ancestor = $false; Verdict = 'harmful' }
        @{ Right = 'ChangePermissions'; Ancestor = $false; Verdict = 'harmful' }
        @{ Right = 'CreateDirectories'; Ancestor = $true; Verdict = 'harmless' }
        @{ Right = 'CreateFiles'; Ancestor = $true; Verdict = 'harmless' }
        @{ Right = 'DeleteSubdirectoriesAndFiles'; Ancestor = $true; Verdict = 'harmful' }
        @{ Right = 'FullControl'; Ancestor = $true; Verdict = 'harmful' }
    ) {
        InModuleScope CertProp -Parameters @{ Right = $Right; Ancestor = $Ancestor; Harmful = $Verdict -eq 'harmful' } {
            $bits = [int][System.Security.AccessControl.FileSystemRights]$Right
            Test-ChangeRight -Right $bits -Ancestor $Ancestor | Should -Be $Harmful
        }
    }

    It 'of administrators, the system and oneself are trusted, of users and everyone not' {
        InModuleScope CertProp {
            $own = 'S-1-5-21-1-2-3-1001'
            foreach ($sid in 'S-1-5-18', 'S-1-5-32-544', $own) { Test-TrustedSid -Sid $sid -Own $own | Should -BeTrue }
            foreach ($sid in 'S-1-5-32-545', 'S-1-1-0', 'S-1-5-11', 'S-1-5-21-1-2-3-1002') { Test-TrustedSid -Sid $sid -Own $own | Should -BeFalse }
        }
    }
}

Describe 'As root' -Skip:(-not $root) {
    BeforeEach {
        $folder = New-ModuleCopy
        Import-ModuleCopy -Folder $folder
        $engine = [System.IO.Path]::Combine($folder, 'engine')
    }
    AfterEach {
        $env:CERTPROP_NODE = $null
        Remove-ModuleCopy -Folder $folder
    }

    It 'an engine that nobody else can change is run' {
        (Get-CardCertificate).Count | Should -Be 3
    }

    It 'an engine file that others can change is refused' {
        $file = [System.IO.Path]::Combine($engine, 'extra.cjs')
        Set-Content -LiteralPath $file -Value ''
        chmod o+w $file
        { Get-CardCertificate } | Should -Throw "*'$file'*" -ErrorId 'FileNotTrusted,Get-CardCertificate'
        Get-EngineLog -Folder $folder | Should -BeNullOrEmpty
    }

    It 'an engine in a folder that others can change is refused' {
        chmod o+w $engine
        { Get-CardCertificate } | Should -Throw -ErrorId 'FileNotTrusted,Get-CardCertificate'
    }

    It 'an engine below a folder that others can change is refused' {
        chmod o+w (Split-Path -Path $folder -Parent)
        { Get-CardCertificate } | Should -Throw -ErrorId 'FileNotTrusted,Get-CardCertificate'
    }

    It 'a Node.js that belongs to somebody else is refused, also behind a link' {
        $node = [System.IO.Path]::Combine((Split-Path -Path $folder -Parent), 'node')
        $link = [System.IO.Path]::Combine((Split-Path -Path $folder -Parent), 'link')
        Copy-Item -LiteralPath (Get-Command -Name node -CommandType Application)[0].Source -Destination $node
        $null = New-Item -ItemType SymbolicLink -Path $link -Value 'node'
        $env:CERTPROP_NODE = $link
        (Get-CardCertificate).Count | Should -Be 3
        Remove-Module -Name CertProp
        Import-ModuleCopy -Folder $folder
        chown 12345 $node
        { Get-CardCertificate } | Should -Throw "*'$node'*" -ErrorId 'FileNotTrusted,Get-CardCertificate'
    }
}
