# Test-CertPropagation with the built engine and a virtual card (CERTPROP_TEST_MODULE names a copy of the module).

BeforeDiscovery {
    $without = -not $env:CERTPROP_TEST_MODULE
}

Describe 'Test-CertPropagation' -Skip:$without {
    BeforeAll {
        . ([System.IO.Path]::Combine($PSScriptRoot, 'Support.ps1'))
        $temporary = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), "certprop-$([guid]::NewGuid().ToString('N'))")
        $folder = [System.IO.Path]::Combine($temporary, 'CertProp')
        $null = New-Item -ItemType Directory -Path $temporary
        Copy-Item -LiteralPath $env:CERTPROP_TEST_MODULE -Destination $folder -Recurse
        $readers = [System.IO.Path]::Combine($folder, 'engine', 'readers')
        if (Test-Path -LiteralPath $readers) { Remove-Item -LiteralPath $readers -Recurse }
        $reader = [System.IO.Path]::Combine($readers, 'Reader [A] 00')
        $null = New-Item -ItemType Directory -Path $reader
        $node = @(Get-Command -Name node -CommandType Application)[0].Source
        $makeCard = [System.IO.Path]::Combine($PSScriptRoot, 'fixtures', 'make-card.mjs')
        $card = ConvertFrom-Json -InputObject (& $node $makeCard ([System.IO.Path]::Combine($reader, 'card.json')))
        # A store's entry without its property 2; each is its id, 1, its length (32 bits each) and its value.
        function Get-WithoutKeyLink {
            param([byte[]]$Bytes)

            $rest = [System.Collections.Generic.List[byte]]::new()
            for ($at = 0; $at -lt $Bytes.Length; $at = $end) {
                $end = $at + 12 + [System.BitConverter]::ToInt32($Bytes, $at + 8)
                if ([System.BitConverter]::ToInt32($Bytes, $at) -ne 2) { $rest.AddRange([byte[]]$Bytes[$at..($end - 1)]) }
            }
            $rest.Count | Should -BeLessThan $Bytes.Length
            , $rest.ToArray()
        }
        Import-ModuleCopy -Folder $folder
    }
    AfterAll { Remove-ModuleCopy -Folder $folder }
    BeforeEach {
        $storePath = [System.IO.Path]::Combine($TestDrive, [guid]::NewGuid().ToString('N'))
        $null = New-Item -ItemType Directory -Path $storePath
        $stored = [System.IO.Path]::Combine($storePath, 'SystemCertificates', 'My', 'Certificates')
    }

    It 'gives one object for each check, with every property' {
        $null = Invoke-CertPropagation -StorePath $storePath
        $checks = Test-CertPropagation -StorePath $storePath
        @($checks).Count | Should -BeGreaterOrEqual 28
        $checks.Name | Select-Object -First 3 | Should -Be 'PcscService', 'Readers', 'Card'
        foreach ($check in $checks) {
            $check.PSObject.TypeNames[0] | Should -Be 'CertProp.Check'
            $check.PSObject.Properties.Name | Should -Be 'Name', 'Status', 'Finding', 'Evidence', 'Remedy'
            $check.Status | Should -BeIn 'Passed', 'Warning', 'Skipped'
            $check.Finding | Should -Not -BeNullOrEmpty
            [bool]$check.Remedy | Should -Be ($check.Status -eq 'Warning')
        }
    }

    It 'names each certificate that is missing, with its reader and a remedy' {
        $failed = @(Test-CertPropagation -StorePath $storePath | Where-Object Status -EQ Failed)
        $failed.Name | Select-Object -Unique | Should -Be 'InStore'
        $failed.Count | Should -Be 3
        foreach ($index in 0..2) {
            $failed[$index].Evidence | Should -BeLike "reader=Reader ``[A``] 00;*thumbprint=$($card.thumbprints[$index]);*"
            $failed[$index].Remedy | Should -BeLike '*Invoke-CertPropagation*'
        }
    }

    It 'shows them as a table, the status first' {
        $text = Test-CertPropagation -StorePath $storePath | Out-String -Width 120
        $text | Should -Match '(?m)^Status +Name +Finding *\r?$'
        $text | Should -Match '(?m)^Passed +Readers +1 reader can be used\. *\r?$'
    }

    It 'gives a boolean with -Quiet' {
        Test-CertPropagation -StorePath $storePath -Quiet | Should -BeFalse
        $null = Invoke-CertPropagation -StorePath $storePath
        $answer = Test-CertPropagation -StorePath $storePath -Quiet
        $answer | Should -BeOfType [bool]
        $answer | Should -BeTrue
    }

    It 'changes nothing by itself' {
        $null = Test-CertPropagation -StorePath $storePath
        Get-ChildItem -LiteralPath $storePath | Should -BeNullOrEmpty
    }

    It 'says with -Repair -WhatIf what it would do, and does nothing' {
        $checks = Test-CertPropagation -StorePath $storePath -Repair -WhatIf
        @($checks | Where-Object Status -EQ Failed).Count | Should -Be 3
        @($checks | Where-Object { $_.PSObject.TypeNames[0] -ne 'CertProp.Check' }) | Should -BeNullOrEmpty
        Test-Path -LiteralPath $stored | Should -BeFalse
    }

    It 'stores with -Repair what is missing, and checks again' {
        $checks = Test-CertPropagation -StorePath $storePath -Repair
        @($checks | Where-Object Status -EQ Failed) | Should -BeNullOrEmpty
        ($checks | Where-Object Name -EQ InStore).Status | Should -Be 'Passed'
        (Get-ChildItem -LiteralPath $stored).Name | Sort-Object | Should -Be ($card.thumbprints | Sort-Object)
    }

    It 'mends with -Repair a key link that is missing (0x8009200B), and no other entry' {
        $null = Invoke-CertPropagation -StorePath $storePath
        $entry = [System.IO.Path]::Combine($stored, $card.thumbprints[0])
        $others = Get-ChildItem -LiteralPath $stored | Where-Object Name -NE $card.thumbprints[0] | Get-FileHash
        $linked = [System.IO.File]::ReadAllBytes($entry)
        [System.IO.File]::WriteAllBytes($entry, (Get-WithoutKeyLink -Bytes $linked))

        $failed = Test-CertPropagation -StorePath $storePath | Where-Object Status -EQ Failed
        $failed.Name | Should -Be 'KeyLink'
        $failed.Evidence | Should -BeLike '*0x8009200B CRYPT_E_NO_KEY_PROPERTY'
        Test-CertPropagation -StorePath $storePath -Repair -Quiet | Should -BeTrue
        [System.IO.File]::ReadAllBytes($entry).Length | Should -Be $linked.Length
        (Get-ChildItem -LiteralPath $stored | Where-Object Name -NE $card.thumbprints[0] | Get-FileHash).Hash | Should -Be $others.Hash
    }

    It 'looks at an .rdp file, in UTF-16 and in UTF-8' {
        $file = [System.IO.Path]::Combine($storePath, 'server.rdp')
        foreach ($encoding in [System.Text.Encoding]::Unicode, [System.Text.Encoding]::UTF8) {
            [System.IO.File]::WriteAllText($file, "redirectsmartcards:i:1`r`n", $encoding)
            $leak = Test-CertPropagation -StorePath $storePath -RdpFile $file | Where-Object Name -EQ RemoteLeak
            $leak.Status | Should -Be 'Failed'
            $leak.Remedy | Should -BeLike "*redirectsmartcards:i:0 in $file*"
            [System.IO.File]::WriteAllText($file, "redirectsmartcards:i:0`r`n", $encoding)
            (Test-CertPropagation -StorePath $storePath -RdpFile $file | Where-Object Name -EQ RemoteLeak).Status | Should -Be 'Passed'
        }
    }

    It 'fails where there is no such .rdp file, and where it is none of the file system' {
        { Test-CertPropagation -StorePath $storePath -RdpFile (Join-Path -Path $storePath -ChildPath 'no.rdp') } |
            Should -Throw -ErrorId 'RdpFileUnavailable,Test-CertPropagation'
        { Test-CertPropagation -StorePath $storePath -RdpFile 'Env:\PATH' } | Should -Throw -ErrorId 'InvalidRdpFile,Test-CertPropagation'
    }

    It 'tells of a reader that is not there' {
        $checks = Test-CertPropagation -Reader Nowhere -StorePath $storePath -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem.FullyQualifiedErrorId | Should -Be 'ReaderNotFound,Test-CertPropagation'
        ($checks | Where-Object Status -EQ Failed).Name | Should -Be 'Readers'
        Test-CertPropagation -Reader Nowhere -StorePath $storePath -Quiet -ErrorAction SilentlyContinue | Should -BeFalse
    }

    It 'says of a store path that is not in the file system that it is wrong' {
        { Test-CertPropagation -StorePath 'Env:\nowhere' } | Should -Throw -ErrorId 'InvalidStorePath,Test-CertPropagation'
    }

    It 'completes the names of readers' {
        $line = 'Test-CertPropagation -Reader '
        $found = ([System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)).CompletionMatches
        $found.CompletionText | Should -Be "'Reader [A] 00'"
    }

    It 'is one line of CSV for each check, and comes back with its values' {
        $checks = @(Test-CertPropagation -StorePath $storePath)
        $lines = @($checks | ConvertTo-Csv -NoTypeInformation)
        $lines.Count | Should -Be ($checks.Count + 1)
        ($lines | ConvertFrom-Csv).Finding | Should -Be $checks.Finding
    }
}
