# Add-CardCertificate and Remove-CardCertificate with the built engine and virtual cards, as in Cmdlets.Tests.ps1.

BeforeDiscovery { $without = -not $env:CERTPROP_TEST_MODULE }

Describe 'Certificates on the card itself' -Skip:$without {
    BeforeAll {
        . ([System.IO.Path]::Combine($PSScriptRoot, 'Support.ps1'))
        $temporary = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), "certprop-$([guid]::NewGuid().ToString('N'))")
        $folder = [System.IO.Path]::Combine($temporary, 'CertProp')
        $null = New-Item -ItemType Directory -Path $temporary
        Copy-Item -LiteralPath $env:CERTPROP_TEST_MODULE -Destination $folder -Recurse
        $readers = [System.IO.Path]::Combine($folder, 'engine', 'readers')
        if (Test-Path -LiteralPath $readers) { Remove-Item -LiteralPath $readers -Recurse }
        $node = @(Get-Command -Name node -CommandType Application)[0].Source
        $makeCard = [System.IO.Path]::Combine($PSScriptRoot, 'fixtures', 'make-card.mjs')
        $image = [System.IO.Path]::Combine($temporary, 'card.json')
        $card = ConvertFrom-Json -InputObject (& $node $makeCard $image)
        $other = [System.IO.Path]::Combine($temporary, 'other.json')
        $null = & $node $makeCard $other
        $pin = ConvertTo-SecureString -String $card.pin -AsPlainText -Force
        $wrongPin = ConvertTo-SecureString -String '999999' -AsPlainText -Force
        $reader = 'Reader [A] 00'
        Import-ModuleCopy -Folder $folder
    }
    AfterAll { Remove-ModuleCopy -Folder $folder }
    BeforeEach {
        $null = New-Item -ItemType Directory -Path ([System.IO.Path]::Combine($readers, $reader)) -Force
        $null = New-Item -ItemType Directory -Path ([System.IO.Path]::Combine($readers, 'Empty 00')) -Force
        $inserted = [System.IO.Path]::Combine($readers, $reader, 'card.json')
        Copy-Item -LiteralPath $image -Destination $inserted
        $found = Get-CardCertificate
        $one = $found[0]
        $work = [System.IO.Path]::Combine($TestDrive, [guid]::NewGuid().ToString('N'))
        $null = New-Item -ItemType Directory -Path $work
        if ($PSVersionTable.PSEdition -ne 'Desktop' -and -not $IsWindows) { chmod 700 $work }
        $backups = [System.IO.Path]::Combine($work, 'backups')
        $kept = @{ BackupPath = $backups; Pin = $pin; Confirm = $false }
    }
    AfterEach { Remove-Item -LiteralPath $readers -Recurse }

    It 'removes a certificate, which is kept, and puts it back and propagates it' {
        $removed = Remove-CardCertificate -Reader $reader -Thumbprint $one.Thumbprint @kept
        $removed.PSObject.TypeNames[0] | Should -Be 'CertProp.CardCertificateChange'
        $removed.Action | Should -Be 'Removed'
        $removed.Planned | Should -BeFalse
        $removed.FilesFreshness | Should -Be ($removed.PreviousFilesFreshness + 1)
        [System.Convert]::ToBase64String([System.IO.File]::ReadAllBytes($removed.BackupPath)) | Should -Be $one.RawData
        (Get-CardCertificate).Thumbprint | Should -Not -Contain $one.Thumbprint

        $store = [System.IO.Path]::Combine($work, 'store')
        $added = Add-CardCertificate -Reader $reader -Path $removed.BackupPath -Pin $pin -StorePath $store
        $added.Action | Should -Be 'Added'
        $added.Container | Should -Be $one.Container
        $added.FileName | Should -Be $one.FileName
        $added.PropagationAction | Should -Be 'Added'
        $added.PropagationReason | Should -Be 'NotInStore'
        $stored = Get-PropagatedCertificate -StorePath $store
        $stored.Thumbprint | Should -Be $one.Thumbprint
        $stored.Container | Should -Be $one.Container
        (Get-CardCertificate).Thumbprint | Sort-Object | Should -Be ($found.Thumbprint | Sort-Object)

        $again = Add-CardCertificate -Reader $reader -Certificate $one -StorePath $store
        $again.Action | Should -Be 'Unchanged'
        $again.PropagationAction | Should -Be 'Unchanged'
    }

    It 'takes PEM and X509Certificate2, and says when nothing is propagated' {
        $null = Remove-CardCertificate -Reader $reader -Thumbprint $one.Thumbprint @kept
        $pem = [System.IO.Path]::Combine($work, 'one.pem')
        Set-Content -LiteralPath $pem -Value "-----BEGIN CERTIFICATE-----`n$($one.RawData)`n-----END CERTIFICATE-----"
        $planned = Add-CardCertificate -Reader $reader -Path $pem -WhatIf
        $planned.Action | Should -Be 'Added'
        $planned.Planned | Should -BeTrue
        $added = Add-CardCertificate -Reader $reader -Certificate $one.GetCertificate() -Pin $pin -Verbose 4>&1
        if ([System.Environment]::OSVersion.Platform -ne [System.PlatformID]::Win32NT) {
            "$($added | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] })" | Should -BeLike '*-StorePath*'
        }
        @($added | Where-Object { $_ -isnot [System.Management.Automation.VerboseRecord] }).Action | Should -Be 'Added'
    }

    It 'writes nothing under -WhatIf, and asks for no PIN' {
        $before = Get-Content -LiteralPath $inserted -Raw
        $planned = Remove-CardCertificate -Reader $reader -Thumbprint $one.Thumbprint -WhatIf
        $planned.Action | Should -Be 'Removed'
        $planned.Planned | Should -BeTrue
        Get-Content -LiteralPath $inserted -Raw | Should -Be $before
        Test-Path -LiteralPath $backups | Should -BeFalse
    }

    It 'adds a root and takes it off again' {
        $root = Get-CardCertificate -Root
        $removed = Remove-CardCertificate -Reader $reader -Thumbprint $root.Thumbprint @kept
        $removed.IsRoot | Should -BeTrue
        Get-CardCertificate -Root | Should -BeNullOrEmpty
        (Add-CardCertificate -Reader $reader -Path $removed.BackupPath -Root -Pin $pin).Action | Should -Be 'Added'
        (Get-CardCertificate -Root).Thumbprint | Should -Be $root.Thumbprint
    }

    It 'is a clear error with <Name>' -ForEach @(
        @{ Name = 'a reader that is not there'; Id = 'ReaderNotFound'; Change = @{ Reader = 'None' } }
        @{ Name = 'a reader without card'; Id = 'NoCard'; Change = @{ Reader = 'Empty 00' } }
        @{ Name = '-Force without -Container'; Id = 'ContainerRequired'; Change = @{ Force = $true } }
        @{ Name = '-Root with -Container'; Id = 'TargetConflict'; Change = @{ Root = $true; Container = '0' } }
        @{ Name = 'a container that is not there'; Id = 'ContainerNotFound'; Change = @{ Container = 'none' } }
        @{ Name = 'a key spec that the container lacks'; Id = 'KeySpecMismatch'; Change = @{ KeySpec = 'Signature' } }
        @{ Name = '-Root for a certificate of a user'; Id = 'NoRoot'; Change = @{ Root = $true } }
        @{ Name = 'something that is no certificate'; Id = 'InvalidCertificate'; Change = @{ Certificate = 'text' } }
    ) {
        $arguments = @{ Reader = $reader; Certificate = $one; Pin = $pin; Confirm = $false }
        foreach ($key in $Change.Keys) { $arguments[$key] = $Change[$key] }
        { Add-CardCertificate @arguments } | Should -Throw -ErrorId "$Id,Add-CardCertificate"
    }

    It 'refuses a certificate of another card, and a PFX' {
        Copy-Item -LiteralPath $other -Destination $inserted
        { Add-CardCertificate -Reader $reader -Certificate $one -Pin $pin } | Should -Throw -ErrorId 'KeyNotOnCard,Add-CardCertificate'
        $forced = Add-CardCertificate -Reader $reader -Certificate $one -Container 0 -Force -Pin $pin -BackupPath $backups
        $forced.Action | Should -Be 'Replaced'
        [System.IO.File]::Exists($forced.BackupPath) | Should -BeTrue
        $pfx = [System.IO.Path]::Combine($work, 'key.pfx')
        [System.IO.File]::WriteAllBytes($pfx, [byte[]](0x30, 0x82, 1, 0, 2, 1, 3, 0x30, 0))
        { Add-CardCertificate -Reader $reader -Path $pfx -Pin $pin } | Should -Throw -ErrorId 'PrivateKeyInFile,Add-CardCertificate'
        $missing = [System.IO.Path]::Combine($work, 'missing.cer')
        { Add-CardCertificate -Reader $reader -Path $missing -Pin $pin } | Should -Throw -ErrorId 'CertificateFileUnreadable,Add-CardCertificate'
    }

    It 'presents a wrong PIN once, and changes nothing' {
        $arguments = @{ Reader = $reader; Thumbprint = $one.Thumbprint; BackupPath = $backups; Confirm = $false }
        $problem = $null
        try { Remove-CardCertificate @arguments -Pin $wrongPin } catch { $problem = $_ }
        $problem.FullyQualifiedErrorId | Should -Be 'WrongPin,Remove-CardCertificate'
        $problem.Exception.Data['triesLeft'] | Should -Be 2
        (Get-CardCertificate).Thumbprint | Should -Contain $one.Thumbprint
        { Remove-CardCertificate @arguments } | Should -Throw -ErrorId 'PinRequired,Remove-CardCertificate'
    }

    It 'removes nothing that can not be kept' {
        if ([System.Environment]::OSVersion.Platform -eq [System.PlatformID]::Win32NT) { Set-ItResult -Skipped -Because 'it is made with mode bits'; return }
        chmod 777 $work
        $arguments = @{ Reader = $reader; Thumbprint = $one.Thumbprint; BackupPath = $backups; Confirm = $false; Pin = $pin }
        { Remove-CardCertificate @arguments } | Should -Throw -ErrorId 'BackupNotTrusted,Remove-CardCertificate'
        (Get-CardCertificate).Thumbprint | Should -Contain $one.Thumbprint
    }

    It 'says that a thumbprint is not on the card' {
        { Remove-CardCertificate -Reader $reader -Thumbprint ('0' * 40) @kept } | Should -Throw -ErrorId 'CertificateNotOnCard,Remove-CardCertificate'
    }

    It 'asks about the CARD before it removes, and does nothing where nobody can be asked' {
        $powershell = New-PowerShell -Folder $folder
        $null = Invoke-InPowerShell -PowerShell $powershell -Script "Remove-CardCertificate -Reader '$reader' -Thumbprint $($one.Thumbprint)"
        "$($powershell.Streams.Error)" | Should -Not -BeNullOrEmpty
        $powershell.Runspace.Dispose()
        (Get-CardCertificate).Thumbprint | Should -Contain $one.Thumbprint
        InModuleScope CertProp { $script:cardQuestions.Removed } | Should -BeLike '*from the CARD*'
    }
}
