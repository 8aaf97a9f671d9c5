# The cmdlets with the built engine and virtual cards: CERTPROP_TEST_MODULE names a copy of the module whose engine's readers
# are folders in 'engine/readers'. A card is the file 'card.json' in its reader's folder.

BeforeDiscovery {
    $without = -not $env:CERTPROP_TEST_MODULE
    # Guarded access and links as the tests make them are Linux's.
    $withoutProfiles = -not (Test-Path -LiteralPath '/proc/self/fd')
    # Off Windows the policies are a file of root's.
    $onWindows = [System.Environment]::OSVersion.Platform -eq [System.PlatformID]::Win32NT
    $withoutPolicyFile = $onWindows -or (& id -u) -ne '0'
}

Describe 'The main job' -Skip:$without {
    BeforeAll {
        . ([System.IO.Path]::Combine($PSScriptRoot, 'Support.ps1'))
        $temporary = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), "certprop-$([guid]::NewGuid().ToString('N'))")
        $folder = [System.IO.Path]::Combine($temporary, 'CertProp')
        $null = New-Item -ItemType Directory -Path $temporary
        Copy-Item -LiteralPath $env:CERTPROP_TEST_MODULE -Destination $folder -Recurse
        $readers = [System.IO.Path]::Combine($folder, 'engine', 'readers')
        if (Test-Path -LiteralPath $readers) { Remove-Item -LiteralPath $readers -Recurse }

        $node = @(Get-Command -Name node -CommandType Application)[0].Source
        $fixtures = [System.IO.Path]::Combine($PSScriptRoot, 'fixtures')
        $makeCard = [System.IO.Path]::Combine($fixtures, 'make-card.mjs')
        $images = @{}
        $cards = foreach ($name in 'first', 'second') {
            $images[$name] = [System.IO.Path]::Combine($temporary, "$name.json")
            ConvertFrom-Json -InputObject (& $node $makeCard $images[$name])
        }
        $first = $cards[0]
        $second = $cards[1]
        $pin = ConvertTo-SecureString -String $first.pin -AsPlainText -Force

        function Add-Reader {
            param([string]$Name, [string]$Card)
            $null = New-Item -ItemType Directory -Path ([System.IO.Path]::Combine($readers, $Name)) -Force
            if ($Card) { Copy-Item -LiteralPath $Card -Destination ([System.IO.Path]::Combine($readers, $Name, 'card.json')) }
        }
        function Remove-Card {
            param([string]$Name)
            Remove-Item -LiteralPath ([System.IO.Path]::Combine($readers, $Name, 'card.json'))
        }
        Import-ModuleCopy -Folder $folder
    }
    AfterAll {
        Remove-ModuleCopy -Folder $folder
    }
    BeforeEach {
        Add-Reader -Name 'Reader [A] 00' -Card $images.first
        Add-Reader -Name 'Reader B 00'
        $storePath = [System.IO.Path]::Combine($TestDrive, [guid]::NewGuid().ToString('N'))
        $stored = [System.IO.Path]::Combine($storePath, 'SystemCertificates', 'My', 'Certificates')
        $storedRoots = [System.IO.Path]::Combine($storePath, 'SystemCertificates', 'SmartCardRoot', 'Certificates')
    }
    AfterEach { Remove-Item -LiteralPath $readers -Recurse }

    It 'lists the certificates of a card' {
        $found = Get-CardCertificate
        $found.Thumbprint | Should -Be $first.thumbprints
        $found[0].ReaderName | Should -Be 'Reader [A] 00'
        foreach ($one in $found) { $one.GetCertificate().Thumbprint | Should -Be $one.Thumbprint }
        $found[0].GetCertificate().NotAfter | Should -Be $found[0].NotAfter
    }

    It 'lists readers and cards, one object for each reader' {
        $found = @(Get-SmartCard | Sort-Object -Property ReaderName)
        $found.ReaderName | Should -Be 'Reader [A] 00', 'Reader B 00'
        $found[0].State | Should -Be 'Present'
        $found[0].CardFamily | Should -Be 'GIDS'
        $found[0].CertificateCount | Should -Be 3
        $found[0].FilesFreshness | Should -BeGreaterThan 0
        $found[1].State | Should -Be 'Empty'
        $found[1].CardId | Should -BeNullOrEmpty
        $found[1].CertificateCount | Should -BeNullOrEmpty
    }

    It 'says nothing where there is no reader' {
        Get-ChildItem -LiteralPath $readers | Remove-Item -Recurse
        $problem = $null
        Get-SmartCard -ErrorVariable problem -WarningVariable told | Should -BeNullOrEmpty
        Get-CardCertificate -ErrorVariable +problem -WarningVariable +told | Should -BeNullOrEmpty
        $problem | Should -BeNullOrEmpty
        $told | Should -BeNullOrEmpty
    }

    It 'lists its roots' {
        (Get-CardCertificate -Root).Thumbprint | Should -Be $first.root
    }

    It 'takes readers by their names, letter for letter or with wildcards' {
        (Get-CardCertificate -Reader 'Reader [A] 00').Count | Should -Be 3
        (Get-CardCertificate -Reader '*0').Count | Should -Be 3
        Get-CardCertificate -Reader 'Nothing*' | Should -BeNullOrEmpty
        { Get-CardCertificate -Reader 'Nobody' -ErrorAction Stop } | Should -Throw -ErrorId 'ReaderNotFound,Get-CardCertificate'
        { Get-CardCertificate -Reader 'Reader B 00' -ErrorAction Stop } | Should -Throw -ErrorId 'NoCard,Get-CardCertificate'
    }

    It 'lists chosen certificates' {
        (Get-CardCertificate -Thumbprint $first.thumbprints[1].ToLowerInvariant()).Thumbprint | Should -Be $first.thumbprints[1]
    }

    It 'reads the other cards when one cannot be read' {
        $bad = [System.IO.Path]::Combine($temporary, 'bad.json')
        Set-Content -LiteralPath $bad -Value '{"card":"Mute"}' -NoNewline
        Add-Reader -Name 'Reader B 00' -Card $bad
        $found = Get-CardCertificate -Reader 'Reader B 00', 'Reader [A] 00' -ErrorAction SilentlyContinue -ErrorVariable problem
        $found.Count | Should -Be 3
        $problem.FullyQualifiedErrorId | Should -Be 'CardMute,Get-CardCertificate'
        $problem.TargetObject | Should -Be 'Reader B 00'
    }

    It 'plans without writing, propagates, and propagates again without a change' {
        $planned = Invoke-CertPropagation -StorePath $storePath -WhatIf
        $planned.Planned | Should -Be $true, $true, $true, $true
        Test-Path -LiteralPath $storePath | Should -BeFalse
        $done = Invoke-CertPropagation -StorePath $storePath
        $done.Action | Should -Be 'Added', 'Added', 'Added', 'Added'
        $done.Planned | Should -Be $false, $false, $false, $false
        $done.Store | Should -Be 'My', 'My', 'My', 'SmartCardRoot'
        (Get-ChildItem -LiteralPath $stored).Name | Sort-Object | Should -Be ($first.thumbprints | Sort-Object)
        (Get-ChildItem -LiteralPath $storedRoots).Name | Should -Be $first.root
        (Invoke-CertPropagation -StorePath $storePath).Action | Should -Be 'Unchanged', 'Unchanged', 'Unchanged', 'Unchanged'
    }

    It 'names every certificate on the card once, planned and done, with the reason' {
        $image = [System.IO.Path]::Combine($temporary, 'mixed.json')
        $kinds = ConvertFrom-Json (& $node ([System.IO.Path]::Combine($fixtures, 'make-mixed-card.mjs')) $image)
        Add-Reader -Name 'Reader [A] 00' -Card $image
        $expected = @(
            "$($kinds.personal) Added NotInStore"
            "$($kinds.computer) Skipped ComputerCertificate"
            "$($kinds.otherKey) Skipped KeyMismatch"
            "$($kinds.noKey) Skipped NoKeyOnCard"
            "$($kinds.intermediate) Skipped IntermediateCertificate"
            "$($kinds.root) Added NotInStore"
            "$($kinds.falseRoot) Skipped NotARoot"
        )
        $planned = Invoke-CertPropagation -StorePath $storePath -WhatIf
        $done = Invoke-CertPropagation -StorePath $storePath
        foreach ($results in $planned, $done) {
            $results | ForEach-Object { "$($_.Thumbprint) $($_.Action) $($_.Reason)" } | Sort-Object | Should -Be ($expected | Sort-Object)
            $results.Detail | Should -Match '^[A-Z].*\.$'
        }
    }

    It 'files the enrollment requests of a store file and of a folder, and leaves the rest in them out' {
        $file = [System.IO.Path]::Combine($PSScriptRoot, '..', 'fixtures', 'stores', 'wine.sst')
        $source = [System.IO.Path]::Combine($TestDrive, 'source')
        $made = ConvertFrom-Json (& $node ([System.IO.Path]::Combine($fixtures, 'make-requests.mjs')) $source)
        # The request and the certificate in wine.sst, as tests/fixtures/stores/README.md has them.
        $requests = '29D7357FD273629DA0D0264186DF8DCDF7258024', $made.request
        $certificates = '3C13741E328311611CD2812B8B4C65727A043FA8', $made.certificate
        $filed = [System.IO.Path]::Combine($storePath, 'SystemCertificates', 'Request', 'Certificates')

        $planned = Invoke-CertPropagation -StorePath $storePath -SourcePath $file, $source -WhatIf
        Test-Path -LiteralPath $storePath | Should -BeFalse
        $done = Invoke-CertPropagation -StorePath $storePath -SourcePath $file, $source
        foreach ($results in $planned, $done) {
            $results.Count | Should -Be 8 -Because 'four certificates are on the card and two in each source'
            $some = $results | Where-Object Thumbprint -in $requests
            $some.Action | Should -Be 'Filed', 'Filed'
            $some.Reason | Should -Be 'EnrollmentRequest', 'EnrollmentRequest'
            $some.Store | Should -Be 'Request', 'Request'
            $some[0].Detail | Should -BeLike '*number 42*'
            $some[1].Detail | Should -BeLike '*(number 17 at ca.example.com\Example CA, "Smart card")*the store Request.'
            $others = $results | Where-Object Thumbprint -in $certificates
            $others.Action | Should -Be 'Skipped', 'Skipped'
            $others.Reason | Should -Be 'NotARequest', 'NotARequest'
        }
        (Get-ChildItem -LiteralPath $filed).Name | Sort-Object | Should -Be ($requests | Sort-Object)
        (Get-ChildItem -LiteralPath $stored).Name | Sort-Object | Should -Be ($first.thumbprints | Sort-Object)
        $again = Invoke-CertPropagation -StorePath $storePath -SourcePath $file, $source | Where-Object Thumbprint -in $requests
        $again.Action | Should -Be 'Unchanged', 'Unchanged'
    }

    It 'does nothing without a source that was named, and says what is wrong with it' {
        $missing = [System.IO.Path]::Combine($TestDrive, 'missing.sst')
        { Invoke-CertPropagation -StorePath $storePath -SourcePath $missing } |
            Should -Throw "$missing does not exist. Name a folder that holds SystemCertificates, or a store file (.sst)." -ErrorId 'StoreUnavailable,Invoke-CertPropagation'
        $text = [System.IO.Path]::Combine($TestDrive, 'text.sst')
        Set-Content -LiteralPath $text -Value 'no store'
        { Invoke-CertPropagation -StorePath $storePath -SourcePath $text } |
            Should -Throw "$text*does not begin with the header*" -ErrorId 'MalformedStoreElement,Invoke-CertPropagation'
        Test-Path -LiteralPath $storePath | Should -BeFalse
    }

    It 'leaves the roots out with one warning where their store may not be written, and ends without an error' -Skip:$onWindows {
        $null = New-Item -ItemType Directory -Path $storedRoots
        $closed = $storedRoots, [System.IO.Path]::GetDirectoryName($storedRoots)
        & chmod 555 $closed
        $errors = [System.IO.Path]::Combine($TestDrive, 'errors.txt')
        $command = "Import-Module '$folder/CertProp.psd1'; Invoke-CertPropagation -StorePath '$storePath' | ForEach-Object { `"`$(`$_.Store) `$(`$_.Action) `$(`$_.Reason)`" }"
        $shell = @((Get-Process -Id $PID).Path, '-NoProfile', '-NonInteractive', '-Command', $command)
        # Root is denied nothing: as root the command runs as nobody.
        if ((& id -u) -eq '0') {
            & chown -R 65534 $storePath
            $shell = @('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'env', "HOME=$TestDrive") + $shell
        }
        try {
            $told = & $shell[0] $shell[1..($shell.Count - 1)] 2> $errors
            $exitCode = $LASTEXITCODE
        }
        finally { & chmod 755 $closed }
        $exitCode | Should -Be 0
        Get-Content -LiteralPath $errors | Should -BeNullOrEmpty
        $told | Where-Object { $_ -notmatch 'WARNING:' } |
            Should -Be 'My Added NotInStore', 'My Added NotInStore', 'My Added NotInStore', 'SmartCardRoot Skipped NoRights'
        @($told | Where-Object { $_ -match 'WARNING:' }).Count | Should -Be 1
        (Get-ChildItem -LiteralPath $stored).Count | Should -Be 3
    }

    It 'takes back the roots of cards that are gone, and no others' {
        $null = Invoke-CertPropagation -StorePath $storePath
        Remove-PropagatedCertificate -Root -NotOnCard -StorePath $storePath -Confirm:$false | Should -BeNullOrEmpty
        Remove-Card -Name 'Reader [A] 00'
        $removed = Remove-PropagatedCertificate -Root -NotOnCard -StorePath $storePath -Confirm:$false
        $removed.Action | Should -Be 'Removed'
        $removed.Reason | Should -Be 'Mark'
        $removed.Thumbprint | Should -Be $first.root
        Get-ChildItem -LiteralPath $storedRoots | Should -BeNullOrEmpty
        (Get-ChildItem -LiteralPath $stored).Count | Should -Be 3
    }

    It 'takes -Root for a store of its own' {
        { Remove-PropagatedCertificate -Root -StoreName Other -StorePath $storePath } |
            Should -Throw -ErrorId 'SelectorConflict,Remove-PropagatedCertificate'
    }

    It 'propagates what is piped' {
        $done = Get-CardCertificate | Select-Object -Last 1 | Invoke-CertPropagation -StorePath $storePath
        $done.Thumbprint | Should -Be $first.thumbprints[2]
        (Get-ChildItem -LiteralPath $stored).Name | Should -Be $first.thumbprints[2]
    }

    It 'writes nothing that is not on the card, however the object was edited' {
        $forged = Get-CardCertificate | Select-Object -First 1
        $forged.Thumbprint = 'AB' * 20
        { $forged | Invoke-CertPropagation -StorePath $storePath -ErrorAction Stop } | Should -Throw -ErrorId 'CertificateNotOnCard,Invoke-CertPropagation'
        Test-Path -LiteralPath $stored | Should -BeFalse
    }

    It 'fails for another card in the reader, naming both' {
        $listed = Get-CardCertificate
        Add-Reader -Name 'Reader [A] 00' -Card $images.second
        $other = (Get-CardCertificate)[0].CardId
        { $listed | Invoke-CertPropagation -StorePath $storePath -ErrorAction Stop } |
            Should -Throw "*$($listed[0].CardId)*$other*" -ErrorId 'CardChanged,Invoke-CertPropagation'
    }

    It 'takes back by pipeline, by thumbprint and by reader' {
        $null = Invoke-CertPropagation -StorePath $storePath
        $removed = Get-CardCertificate | Select-Object -First 1 | Remove-PropagatedCertificate -StorePath $storePath -Confirm:$false
        $removed.Action | Should -Be 'Removed'
        $removed.Thumbprint | Should -Be $first.thumbprints[0]
        (Remove-PropagatedCertificate -Thumbprint $first.thumbprints[1] -StorePath $storePath -Confirm:$false).Reason | Should -Be 'NamedByThumbprint'
        (Remove-PropagatedCertificate -Reader 'Reader [A] 00' -StorePath $storePath -Confirm:$false).Thumbprint | Should -Be $first.thumbprints[2]
        Get-ChildItem -LiteralPath $stored | Should -BeNullOrEmpty
    }

    Context 'Backups' {
        BeforeEach {
            $null = Invoke-CertPropagation -StorePath $storePath
            $before = Get-ChildItem -LiteralPath $stored | Get-FileHash
            $backup = [System.IO.Path]::Combine($TestDrive, [guid]::NewGuid().ToString('N'))
        }

        It 'of what is removed are restored byte for byte, and nothing is overwritten' {
            $removed = Remove-PropagatedCertificate -Reader * -StorePath $storePath -BackupPath $backup -Confirm:$false
            $removed.Action | Should -Be 'Removed', 'Removed', 'Removed'
            Get-ChildItem -LiteralPath $stored | Should -BeNullOrEmpty
            $run = $removed.BackupPath | Sort-Object -Unique
            $run | Should -Be (Get-ChildItem -LiteralPath $backup).FullName

            $one = Restore-PropagatedCertificate -BackupPath $run -Thumbprint $first.thumbprints[1] -StorePath $storePath
            $one.Action | Should -Be 'Restored'
            $one.Reason | Should -Be 'FromBackup'
            $one.Subject | Should -Be ($removed | Where-Object Thumbprint -eq $one.Thumbprint).Subject
            $results = $removed | Restore-PropagatedCertificate -StorePath $storePath
            $results.Action | Sort-Object | Should -Be 'Restored', 'Restored', 'Skipped'
            ($results | Where-Object Action -eq 'Skipped').Reason | Should -Be 'AlreadyThere'
            (Get-ChildItem -LiteralPath $stored | Get-FileHash).Hash | Should -Be $before.Hash
        }

        It 'are one for each run, and Get-ChildItem gives them' {
            foreach ($thumbprint in $first.thumbprints) {
                $null = Remove-PropagatedCertificate -Thumbprint $thumbprint -StorePath $storePath -BackupPath $backup -Confirm:$false
            }
            (Get-ChildItem -LiteralPath $backup).Count | Should -Be 3
            (Get-ChildItem -LiteralPath $backup | Restore-PropagatedCertificate -StorePath $storePath).Action | Should -Be 'Restored', 'Restored', 'Restored'
            (Get-ChildItem -LiteralPath $stored | Get-FileHash).Hash | Should -Be $before.Hash
        }

        It 'of a store that is named by its folder are made only in a folder that is named' {
            $removed = Remove-PropagatedCertificate -Reader * -StorePath $storePath -Confirm:$false
            $removed.Action | Should -Be 'Removed', 'Removed', 'Removed'
            $removed.BackupPath | Should -Be $null, $null, $null
        }

        It 'are neither made nor restored under -WhatIf' {
            $planned = Remove-PropagatedCertificate -Reader * -StorePath $storePath -BackupPath $backup -WhatIf
            $planned.BackupPath | Should -Be $null, $null, $null
            Test-Path -LiteralPath $backup | Should -BeFalse

            $removed = Remove-PropagatedCertificate -Reader * -StorePath $storePath -BackupPath $backup -Confirm:$false
            $planned = $removed | Restore-PropagatedCertificate -StorePath $storePath -WhatIf
            $planned.Action | Should -Be 'Restored', 'Restored', 'Restored'
            $planned.Planned | Should -Not -Contain $false
            Get-ChildItem -LiteralPath $stored | Should -BeNullOrEmpty
        }

        It 'are not put into a folder that others can change' {
            $null = New-Item -ItemType Directory -Path $backup
            & chmod 777 $backup
            { Remove-PropagatedCertificate -Reader * -StorePath $storePath -BackupPath $backup -Confirm:$false } |
                Should -Throw -ErrorId 'BackupNotTrusted,Remove-PropagatedCertificate'
            (Get-ChildItem -LiteralPath $stored).Count | Should -Be 3
            { Restore-PropagatedCertificate -BackupPath $stored -StorePath $storePath } |
                Should -Throw -ErrorId 'BackupNotFound,Restore-PropagatedCertificate'
        }
    }

    It 'says that there is no cache to compare a card with where there is none' {
        { Get-CardCacheItem -Reader '*' } | Should -Throw '*only Windows*' -ErrorId 'CacheUnavailable,Get-CardCacheItem'
    }

    It 'takes back what is on no inserted card' {
        Add-Reader -Name 'Reader B 00' -Card $images.second
        $null = Invoke-CertPropagation -StorePath $storePath
        Remove-Card -Name 'Reader B 00'
        $removed = Remove-PropagatedCertificate -NotOnCard -StorePath $storePath -Confirm:$false
        $removed.Thumbprint | Sort-Object | Should -Be ($second.thumbprints | Sort-Object)
    }

    It 'takes back nothing when not every reader can be read' {
        $null = Invoke-CertPropagation -StorePath $storePath
        $bad = [System.IO.Path]::Combine($temporary, 'mute.json')
        Set-Content -LiteralPath $bad -Value '{"card":"Mute"}' -NoNewline
        Add-Reader -Name 'Reader [A] 00' -Card $bad
        { Remove-PropagatedCertificate -NotOnCard -StorePath $storePath -Confirm:$false -ErrorAction SilentlyContinue } |
            Should -Throw -ErrorId 'ReadersNotReadable,Remove-PropagatedCertificate'
        (Get-ChildItem -LiteralPath $stored).Count | Should -Be 3
    }

    It 'finds what came from the card, and how it stands with it' {
        $null = Invoke-CertPropagation -StorePath $storePath
        $found = Get-PropagatedCertificate -StorePath $storePath
        $found.Thumbprint | Sort-Object | Should -Be ($first.thumbprints | Sort-Object)
        $found.Evidence | Sort-Object -Unique | Should -Be 'Mark'
        $found.LinkState | Sort-Object -Unique | Should -Be 'Linked'
        $found.IsOnCard | Sort-Object -Unique | Should -Be $true
        $found.ReaderName | Sort-Object -Unique | Should -Be 'Reader [A] 00'
        $found[0].StorePath | Should -Be $storePath
        $found[0].PropagatedAt | Should -BeOfType [datetime]
        Remove-Card -Name 'Reader [A] 00'
        (Get-PropagatedCertificate -StorePath $storePath -NotOnCard).Count | Should -Be 3
        Get-PropagatedCertificate -StorePath $storePath -OlderThan 1 | Should -BeNullOrEmpty
        $found | Remove-PropagatedCertificate -Confirm:$false | Select-Object -ExpandProperty Action | Sort-Object -Unique | Should -Be 'Removed'
        Get-PropagatedCertificate -StorePath $storePath | Should -BeNullOrEmpty
    }

    Context 'In users'' profiles' -Skip:$withoutProfiles {
        BeforeEach {
            $profiles = [System.IO.Path]::Combine($TestDrive, [guid]::NewGuid().ToString('N'))
            foreach ($user in 'ada', 'bob', 'eve') {
                $roaming = [System.IO.Path]::Combine($profiles, $user, 'AppData', 'Roaming')
                $null = New-Item -ItemType Directory -Path $roaming
                if ($user -ne 'eve') { $null = Invoke-CertPropagation -StorePath ([System.IO.Path]::Combine($roaming, 'Microsoft')) }
            }
            $kept = @{ BackupPath = [System.IO.Path]::Combine($temporary, 'backups'); Confirm = $false }
            $linked = [System.IO.Path]::Combine($profiles, 'eve', 'AppData', 'Roaming', 'Microsoft')
            $null = New-Item -ItemType SymbolicLink -Path $linked -Target ([System.IO.Path]::Combine($profiles, 'ada', 'AppData', 'Roaming', 'Microsoft'))
        }

        It 'counts what each holds, and names what is no folder of its own' {
            $summaries = Get-PropagatedCertificate -ProfilePath "$profiles/*" -Summary -WarningVariable warnings -WarningAction SilentlyContinue
            $summaries.ProfileUser | Should -Be 'ada', 'bob', 'eve'
            $summaries.FromCards | Should -Be 3, 3, 0
            $summaries.OnCard | Should -Be $null, $null, 0
            $summaries[2].Problems | Should -BeGreaterThan 0
            "$warnings" | Should -BeLike "*$linked*"
        }

        It 'removes from the profiles that the objects name, by way of CSV, and from no other' {
            $objects = Get-PropagatedCertificate -ProfilePath "$profiles/[a-b]*" | Where-Object ProfileUser -eq 'bob'
            $csv = $objects | ConvertTo-Csv -NoTypeInformation
            $csv.Count | Should -Be 4
            $results = $csv | ConvertFrom-Csv | Remove-PropagatedCertificate @kept
            $results.Action | Sort-Object -Unique | Should -Be 'Removed'
            $results.ProfilePath | Sort-Object -Unique | Should -Be ([System.IO.Path]::Combine($profiles, 'bob'))
            $left = Get-PropagatedCertificate -ProfilePath "$profiles/[a-b]*"
            $left.ProfileUser | Should -Be 'ada', 'ada', 'ada'
        }

        It 'removes what is selected from all of them, and not through a link' {
            $results = Remove-PropagatedCertificate -ProfilePath "$profiles/e*" -Evidence Mark @kept -WarningAction SilentlyContinue
            $results | Should -BeNullOrEmpty
            $results = Remove-PropagatedCertificate -ProfilePath "$profiles/*" -Evidence Mark @kept -WarningAction SilentlyContinue
            $results.Count | Should -Be 6
            $results.Action | Sort-Object -Unique | Should -Be 'Removed'
        }

        It 'does not guess what is on other users'' cards' {
            { Remove-PropagatedCertificate -ProfilePath "$profiles/*" -NotOnCard @kept } |
                Should -Throw -ErrorId 'ReadersNotVisible,Remove-PropagatedCertificate'
            (Get-PropagatedCertificate -ProfilePath "$profiles/ada").IsOnCard | Should -Be $null, $null, $null
        }

        It 'says that only Windows lists them' {
            { Get-PropagatedCertificate -AllProfiles } | Should -Throw -ErrorId 'ProfilesUnavailable,Get-PropagatedCertificate'
        }
    }

    Context 'Under a policy file of root''s' -Skip:$withoutPolicyFile {
        BeforeAll {
            $policyFile = [System.IO.Path]::Combine($folder, 'engine', 'policy.json')
            function Set-Policy {
                param([string]$Json)
                Set-Content -LiteralPath $policyFile -Value $Json
                & chmod 644 $policyFile
            }
        }
        AfterEach { if (Test-Path -LiteralPath $policyFile) { Remove-Item -LiteralPath $policyFile } }

        It 'leaves every certificate out that policy forbids, says which policy does, and writes nothing' {
            Set-Policy -Json '{ "CertPropEnabled": 0 }'
            $planned = Invoke-CertPropagation -StorePath $storePath -WhatIf
            $done = Invoke-CertPropagation -StorePath $storePath
            foreach ($results in $planned, $done) {
                $results.Thumbprint | Should -Be ($first.thumbprints + $first.root)
                $results.Action | Sort-Object -Unique | Should -Be 'Skipped'
                $results.Reason | Sort-Object -Unique | Should -Be 'PolicyDisabled'
                $results[0].Detail | Should -BeLike "*CertPropEnabled is 0 in $policyFile*"
            }
            Test-Path -LiteralPath $storePath | Should -BeFalse
            $policy = Get-CertPropPolicy -Name CertPropEnabled
            $policy.Value | Should -Be 0
            $policy.Effective | Should -Be 'Disabled'
            $policy.Source | Should -Be 'File'
            $policy.Path | Should -Be $policyFile
        }

        It 'propagates against policy with -IgnorePolicy, and warns' {
            Set-Policy -Json '{ "CertPropEnabled": 0 }'
            $done = Invoke-CertPropagation -StorePath $storePath -IgnorePolicy -WarningVariable warned -WarningAction SilentlyContinue
            $done.Action | Should -Be 'Added', 'Added', 'Added', 'Added'
            $warned.Message | Should -BeLike "*against policy*CertPropEnabled is 0 in $policyFile*"
        }

        It 'leaves the roots on the card where policy says so, and propagates the rest' {
            Set-Policy -Json '{ "EnableRootCertificatePropagation": 0 }'
            $done = Invoke-CertPropagation -StorePath $storePath
            $done.Action | Should -Be 'Added', 'Added', 'Added', 'Skipped'
            $done[3].Reason | Should -Be 'PolicyDisabled'
            $done[3].Detail | Should -BeLike "*EnableRootCertificatePropagation is 0 in $policyFile*"
            Test-Path -LiteralPath $storedRoots | Should -BeFalse
        }

        It 'does nothing under policies that cannot be used' {
            Set-Policy -Json '{ "CertPropEnable": 0 }'
            { Invoke-CertPropagation -StorePath $storePath } |
                Should -Throw "*'CertPropEnable' is not known*" -ErrorId 'PolicyInvalid,Invoke-CertPropagation'
            { Get-CertPropPolicy } | Should -Throw -ErrorId 'PolicyInvalid,Get-CertPropPolicy'
            Set-Policy -Json '{ "CertPropEnabled": 1 }'
            & chmod 666 $policyFile
            { Invoke-CertPropagation -StorePath $storePath } |
                Should -Throw -ErrorId 'ConfigurationNotTrusted,Invoke-CertPropagation'
            Test-Path -LiteralPath $storePath | Should -BeFalse
        }

        It 'has nothing to forbid without the file' {
            (Get-CertPropPolicy).Source | Should -Not -Contain 'File'
            (Invoke-CertPropagation -StorePath $storePath -IgnorePolicy -WarningVariable warned).Action | Should -Be 'Added', 'Added', 'Added', 'Added'
            $warned | Should -BeNullOrEmpty
        }
    }

    It 'watches: propagates what is inserted already, and streams it' {
        $done = Watch-CertPropagation -StorePath $storePath | Select-Object -First 4
        $done.Action | Should -Be 'Added', 'Added', 'Added', 'Added'
        $done.Store | Should -Be 'My', 'My', 'My', 'SmartCardRoot'
        (Get-CardCertificate).Count | Should -Be 3 -Because 'the engine goes on to serve'
    }

    It 'watches: a card that is removed and one that comes' {
        $seen = [System.Collections.Generic.List[string]]::new()
        Watch-CertPropagation -StorePath $storePath -RemoveOnCardRemoval -Verbose 4>&1 | ForEach-Object {
            if ($_ -is [System.Management.Automation.VerboseRecord]) {
                if ($_.Message -notlike '*card was*') { return }
                $seen.Add($_.Message)
            }
            else { $seen.Add("$($_.Store) $($_.Action)") }
            if ($seen.Count -eq 5) { Remove-Card -Name 'Reader [A] 00' }
            if ($seen.Count -eq 9) { Add-Reader -Name 'Reader B 00' -Card $images.second }
            $seen.Count
        } | Where-Object { $_ -eq 14 } | Select-Object -First 1
        $seen | Should -Be @(
            "A card was inserted into the reader 'Reader [A] 00'."
            'My Added', 'My Added', 'My Added', 'SmartCardRoot Added'
            "The card was removed from the reader 'Reader [A] 00'."
            'My Removed', 'My Removed', 'My Removed'
            "A card was inserted into the reader 'Reader B 00'."
            'My Added', 'My Added', 'My Added', 'SmartCardRoot Added'
        )
    }

    It 'watches under -WhatIf without writing, and ends with its time' {
        $planned = Watch-CertPropagation -StorePath $storePath -WhatIf -Timeout 2
        $planned.Count | Should -Be 4
        $planned.Planned | Sort-Object -Unique | Should -Be $true
        Test-Path -LiteralPath $storePath | Should -BeFalse
    }

    It 'raises the counters' {
        $counter = Set-CardCacheCounter -Reader 'Reader [A] 00' -Increment 'Container', 'File' -Pin $pin
        $counter.ContainersFreshness | Should -Be ($counter.PreviousContainersFreshness + 1)
        $counter.FilesFreshness | Should -Be ($counter.PreviousFilesFreshness + 1)
        $counter.PinsFreshness | Should -Be $counter.PreviousPinsFreshness
        $again = Set-CardCacheCounter -Reader 'Reader [A] 00' -FilesFreshness 65535 -Pin $pin
        $again.PreviousFilesFreshness | Should -Be $counter.FilesFreshness
        (Set-CardCacheCounter -Reader 'Reader [A] 00' -Increment File -Pin $pin).FilesFreshness | Should -Be 1
    }

    It 'counts the tries of a wrong PIN, and takes the last one only with -Force' {
        $wrong = ConvertTo-SecureString -String '000000' -AsPlainText -Force
        foreach ($left in 2, 1) {
            Set-CardCacheCounter -Reader 'Reader [A] 00' -Increment File -Pin $wrong -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId | Should -Be 'WrongPin,Set-CardCacheCounter'
            $problem.Exception.Data['triesLeft'] | Should -Be $left
        }
        Set-CardCacheCounter -Reader 'Reader [A] 00' -Increment File -Pin $pin -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem.FullyQualifiedErrorId | Should -Be 'PinLastTry,Set-CardCacheCounter'
        $problem.Exception.Message | Should -BeLike '*-Force*'
        (Set-CardCacheCounter -Reader 'Reader [A] 00' -Increment File -Pin $pin -Force).FilesFreshness | Should -BeGreaterThan 0
    }

    It 'says with -Verbose what is read, and shows APDUs with -Debug, never a PIN' {
        (Get-CardCertificate -Verbose 4>&1 | Out-String) | Should -BeLike '*Reader*A*00*'
        $all = Set-CardCacheCounter -Reader 'Reader [A] 00' -Increment File -Pin $pin -Debug -Verbose 4>&1 5>&1
        $text = ($all | Where-Object { $_ -is [System.Management.Automation.InformationalRecord] }).Message -join "`n"
        $text | Should -Match '(?i)00 ?20 ?00 ?80' -Because 'VERIFY is shown'
        $text -replace ' ' | Should -Not -Match '313233343536'
        $text | Should -Not -Match '123456'
    }

    It 'asks for a store where the system has none' -Skip:$onWindows {
        { Invoke-CertPropagation } | Should -Throw '*-StorePath*' -ErrorId 'StorePathRequired,Invoke-CertPropagation'
    }
}
