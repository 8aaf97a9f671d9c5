# examples/intune: the scripts themselves in processes of their own, with the module and its engine (CERTPROP_TEST_MODULE), on profiles in
# folders. Which account runs them, and the profiles that Windows lists, are Windows' own and not tested here.

BeforeDiscovery {
    # Guarded access to profiles in folders is Linux's.
    $without = -not $env:CERTPROP_TEST_MODULE -or -not (Test-Path -LiteralPath '/proc/self/fd')
}

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'module', 'Support.ps1'))
    . ([System.IO.Path]::Combine($PSScriptRoot, 'Fleet.ps1'))
}

Describe 'Detection and remediation' -Skip:$without {
    BeforeAll {
        # Another copy, which Module.Tests.ps1 has loaded to find its tests.
        Remove-Module -Name CertProp -Force -ErrorAction Ignore
        $temporary = Join-Folder ([System.IO.Path]::GetTempPath()) "certprop-$([guid]::NewGuid().ToString('N'))"
        $folder = Join-Folder $temporary 'CertProp'
        $null = New-Item -ItemType Directory -Path $temporary
        Copy-Item -LiteralPath $env:CERTPROP_TEST_MODULE -Destination $folder -Recurse
        $module = Join-Folder $folder 'CertProp.psd1'

        function New-Detection {
            param([hashtable]$Setting = @{}, [hashtable]$Replace = @{})
            $all = $Replace + (Get-Setting -Setting (@{ module = "'$module'"; profilePath = "'$profiles'" } + $Setting))
            New-ScriptCopy -Script 'intune/Detect-LeakedCertificate.ps1' -Replace $all -Folder $temporary
        }
        function New-Remediation {
            param([hashtable]$Setting = @{})
            $all = Get-Setting -Setting (@{ module = "'$module'"; profilePath = "'$profiles'"; backupPath = "'$backup'" } + $Setting)
            New-ScriptCopy -Script 'intune/Remediate-LeakedCertificate.ps1' -Replace $all -Folder $temporary
        }
        function Invoke-Detection { Invoke-ScriptCopy -Path (New-Detection @args) }
        function Invoke-Remediation { Invoke-ScriptCopy -Path (New-Remediation @args) }
    }
    AfterAll {
        Remove-Module -Name CertProp -ErrorAction Ignore
        Remove-Item -LiteralPath $temporary -Recurse -Force
    }
    BeforeEach {
        $tree = New-ProfileTree -Folder $temporary
        $names = $tree.Thumbprint
        $profiles = "$($tree.Path)/*"
        $backup = Join-Folder $temporary ([guid]::NewGuid().ToString('N'))
    }

    It 'detects what has expired and what is another user''s, counts first, and ends with 1' {
        $found = Start-ScriptCopy -Path (New-Detection)
        $found.ExitCode | Should -Be 1
        $found.Errors | Should -BeNullOrEmpty
        $found.Output | Should -BeLike "Leaked: 3 of 6 certificates from cards (*). | *"
        $found.Output | Should -BeLike "*(*2 expired*)*"
        $found.Output | Should -BeLike "*(*2 another user's*)*"
        $found.Output | Should -BeLike "*$($names.expired) CN=Ada*in $($tree.Path)/ada: expired*"
        $found.Output | Should -BeLike "*$($names.foreign)*in $($tree.Path)/ada: another user's*"
        $found.Output | Should -BeLike "*$($names.both) CN=Ada*in $($tree.Path)/bob: expired, another user's*"
        foreach ($other in 'own', 'ownLinkOnly', 'bobs', 'software', 'notFromCard') { $found.Output | Should -Not -BeLike "*$($names.$other)*" }
    }

    It 'removes these and no others, and then detects nothing and ends with 0' {
        $done = Start-ScriptCopy -Path (New-Remediation)
        $done.ExitCode | Should -Be 0
        $done.Errors | Should -BeNullOrEmpty
        $done.Output | Should -BeLike "Removed: 3 (2 expired, 1 another user's). | Backup: $backup*"
        foreach ($gone in 'expired', 'foreign', 'both') { $done.Output | Should -BeLike "*| $($names.$gone) CN=*" }
        Get-Stored -Tree $tree -User ada | Should -Be ($names.own, $names.ownLinkOnly, $names.software, $names.notFromCard | Sort-Object)
        Get-Stored -Tree $tree -User bob | Should -Be $names.bobs

        $found = Invoke-Detection
        $found.ExitCode | Should -Be 0
        $found.Output | Should -Be 'Leaked: 0 of 3 certificates from cards.'
        $again = Invoke-Remediation
        $again.ExitCode | Should -Be 0
        $again.Output | Should -Be 'Removed: 0.'
    }

    It 'removes nothing without a backup, out of which all comes back byte for byte' {
        $before = Get-ChildItem -LiteralPath $tree.Path -Recurse -File -Force | Get-FileHash
        $done = Invoke-Remediation
        $runs = (Get-ChildItem -LiteralPath $backup).FullName
        $done.Output | Should -BeLike '* | Backup: * | *'
        foreach ($run in $runs) { $done.Output | Should -BeLike "*$run*" }
        & stat -c %a $backup | Should -Be '700'
        Import-Module -Name $module
        $restored = $runs | ForEach-Object { Restore-PropagatedCertificate -BackupPath $_ -ProfilePath "$($tree.Path)/*" -Confirm:$false }
        $restored.Action | Should -Be 'Restored', 'Restored', 'Restored'
        $after = Get-ChildItem -LiteralPath $tree.Path -Recurse -File -Force | Get-FileHash
        $after.Path | Should -Be $before.Path
        $after.Hash | Should -Be $before.Hash
    }

    It 'removes nothing where the backup could be changed by others, says so and ends with 2' {
        $null = New-Item -ItemType Directory -Path $backup
        & chmod 777 $backup
        $done = Invoke-Remediation
        $done.ExitCode | Should -Be 2
        $done.Output | Should -BeLike "Ended early: *$backup* | Removed: 0; problems: 1."
        (Get-Stored -Tree $tree -User ada).Count | Should -Be 6
    }

    Context 'The settings at the top' {
        It 'leave out one of the two kinds' {
            (Invoke-Detection -Setting @{ expired = '$false' }).Output | Should -BeLike "Leaked: 2 of 6 certificates from cards (2 another user's). |*"
            (Invoke-Detection -Setting @{ foreignUser = '$false' }).Output | Should -BeLike 'Leaked: 2 of 6 certificates from cards (2 expired). |*'
        }

        It 'take all that CertProp put there' {
            $null = Invoke-Remediation -Setting @{ marked = '$true' }
            Get-Stored -Tree $tree -User ada | Should -Be ($names.ownLinkOnly, $names.software, $names.notFromCard | Sort-Object)
            Get-Stored -Tree $tree -User bob | Should -BeNullOrEmpty
        }

        It 'take what CertProp put there long ago' {
            (Invoke-Detection -Setting @{ olderThanDays = '101' }).Output | Should -BeLike 'Leaked: 3 of 6 *'
            $null = Invoke-Remediation -Setting @{ olderThanDays = '99' }
            Get-Stored -Tree $tree -User ada | Should -Be ($names.ownLinkOnly, $names.software, $names.notFromCard | Sort-Object)
        }

        It 'take nothing for being on no card in a profile, whose readers nobody sees' {
            (Invoke-Detection -Setting @{ notOnCard = '$true' }).Output | Should -BeLike 'Leaked: 3 of 6 *'
        }
    }

    Context 'Where detection cannot know' {
        It 'ends with 2 where the module cannot be loaded, and so does the remediation' {
            $module = 'NoSuchModule'
            foreach ($script in (New-Detection), (New-Remediation)) {
                $run = Start-ScriptCopy -Path $script
                $run.ExitCode | Should -Be 2
                $run.Errors | Should -BeNullOrEmpty
                $run.Output | Should -BeLike 'Ended early: The module CertProp could not be loaded (*NoSuchModule*): install it for the machine. |*'
            }
        }

        It 'ends with 2 in the 32-bit PowerShell of a 64-bit Windows' {
            $run = Invoke-Detection -Replace @{ '-not [System.Environment]::Is64BitProcess' = '$true' }
            $run.ExitCode | Should -Be 2
            $run.Output | Should -BeLike 'Ended early: *32-bit PowerShell*let the script run in the 64-bit one.*'
        }

        It 'ends with 2 where the engine cannot be started' {
            $engine = Join-Folder $folder 'engine'
            Rename-Item -LiteralPath $engine -NewName 'elsewhere'
            try { $runs = (Start-ScriptCopy -Path (New-Detection)), (Start-ScriptCopy -Path (New-Remediation)) }
            finally { Rename-Item -LiteralPath (Join-Folder $folder 'elsewhere') -NewName 'engine' }
            $runs.ExitCode | Should -Be 2, 2
            foreach ($run in $runs) { $run.Output | Should -BeLike 'Ended early: *engine*' }
        }

        It 'ends with 2 where there is no profile' {
            $profiles = "$($tree.Path)/nobody*"
            $run = Invoke-Detection
            $run.ExitCode | Should -Be 2
            $run.Output | Should -BeLike "Ended early: *$profiles*"
        }

        It 'names a profile that is a link, and does not call the machine clean' {
            $null = Invoke-Remediation
            $null = New-Item -ItemType SymbolicLink -Path (Join-Folder $tree.Path 'mallory') -Target (Join-Folder $tree.Path 'ada')
            $found = Invoke-Detection
            $found.ExitCode | Should -Be 2
            $found.Output | Should -BeLike "Leaked: 0 of 3 certificates from cards; problems: 1. | *$($tree.Path)/mallory*"
            (Invoke-Remediation).ExitCode | Should -Be 1
        }

        It 'names an entry that cannot be read, and removes the others' {
            Set-Content -LiteralPath (Join-Folder (Get-StoreFolder -Tree $tree -User bob) ('AB' * 20)) -Value 'no certificate'
            $found = Invoke-Detection
            $found.ExitCode | Should -Be 1
            $found.Output | Should -BeLike "Leaked: 3 of 6 *; problems: 1. | *$('AB' * 20)*"
            $done = Invoke-Remediation
            $done.ExitCode | Should -Be 1
            $done.Output | Should -BeLike 'Removed: 3 (*); problems: 1. |*'
            (Invoke-Detection).ExitCode | Should -Be 2
        }
    }

    Context 'The line' {
        It 'is one, within 2,048 characters, with any number of certificates' {
            $tree = New-ProfileTree -Folder $temporary -Many 300
            $profiles = "$($tree.Path)/*"
            foreach ($run in (Invoke-Detection), (Invoke-Remediation)) {
                $run.Output | Should -Not -Match "`n"
                $run.Output.Length | Should -BeLessOrEqual 2048
                $run.Output.Length | Should -BeGreaterThan 1800
                $run.Output | Should -BeLike '*ed: 303 *| ...'
            }
            $carls = Get-StoreFolder -Tree $tree -User carl
            Get-ChildItem -LiteralPath $carls | Should -BeNullOrEmpty
        }

        It 'is one with the names of a hostile profile and subject, and hides nothing' {
            $hostile = "mal`r`nlory$([char]0x202e)"
            Rename-Item -LiteralPath (Join-Folder $tree.Path 'bob') -NewName $hostile
            $found = Invoke-Detection
            $found.ExitCode | Should -Be 1
            $found.Output | Should -Not -Match '[\p{Cc}\p{Cf}]'
            $found.Output | Should -BeLike '*CN="Eve \u{202e}gnp.exe\u{d}\u{a}Exit code 0"*'
            $found.Output | Should -Match "$($names.both) CN=Ada[^|]* in [^|]*/mal[^|]+lory[^|]*: expired, another user's"
            (Invoke-Remediation).ExitCode | Should -Be 0
            # Bob is a stranger in a profile of that name.
            Get-Stored -Tree $tree -User $hostile | Should -BeNullOrEmpty
        }
    }
}

Describe 'The scripts' {
    It 'decide alike what is leaked, and speak alike' {
        $shared = foreach ($script in 'intune/Detect-LeakedCertificate.ps1', 'intune/Remediate-LeakedCertificate.ps1', 'configmgr/Discovery.ps1', 'configmgr/Remediation.ps1') {
            $text = [System.IO.File]::ReadAllText((Join-Folder $examples $script))
            $text -match '(?s)# --- The same in .*\n# -{20,}\n' | Should -BeTrue
            $Matches[0]
        }
        $shared | Should -HaveCount 4
        @($shared | Sort-Object -Unique) | Should -HaveCount 1
    }

    It 'know by the engine''s own words what is no problem' {
        $lines = Get-Content -LiteralPath (Join-Folder $examples 'intune' 'Detect-LeakedCertificate.ps1') | Select-String -Pattern '\$noteTexts \+?= '
        $words = [regex]::Matches($lines -join ' ', '[''"]([A-Z].*?) \*[''"]') | ForEach-Object { $_.Groups[1].Value }
        $words | Should -HaveCount 4
        $engine = Get-ChildItem -Path (Join-Folder $examples '..' 'engine') -Recurse -Filter *.ts | Get-Content -Raw
        foreach ($word in $words) { "$engine".Contains("$word ") | Should -BeTrue -Because $word }
    }
}
