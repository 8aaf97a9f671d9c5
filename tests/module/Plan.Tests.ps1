# What the cmdlets that change something ask of the engine, and what they ask the person.

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, 'Support.ps1'))
    $folder = New-ModuleCopy
    Import-ModuleCopy -Folder $folder
    $log = [System.IO.Path]::Combine($folder, 'engine', 'log.jsonl')
    $first = '0' * 40

    function Get-Sent {
        param([string]$Method)
        (Get-EngineMessage -Folder $folder -Method $Method).params
    }
}

AfterAll { Remove-ModuleCopy -Folder $folder }

Describe 'Invoke-CertPropagation' {
    BeforeEach { if (Test-Path -LiteralPath $log) { Clear-Content -LiteralPath $log } }

    It 'takes everything that is inserted when nothing is said' {
        $results = Invoke-CertPropagation
        $results.Action | Should -Be 'Added', 'Replaced', 'Unchanged', 'Skipped'
        $results.Planned | Should -Not -Contain $true
        $results[0].PSObject.TypeNames[0] | Should -Be 'CertProp.PropagationResult'
        $results[0].PSObject.Properties.Name | Should -Be @(
            'Thumbprint', 'Subject', 'SerialNumber', 'Store', 'ProfilePath', 'Action', 'Reason', 'Detail', 'Planned', 'Provider', 'Container'
            'ReaderName', 'CardId', 'BackupPath')
        $sent = Get-Sent -Method 'propagation/plan'
        $sent.readers | Should -BeNullOrEmpty
        $sent.targets | Should -BeNullOrEmpty
        $sent.storePlace.kind | Should -Be 'System'
        $sent.storePlace.location | Should -Be 'CurrentUser'
        $sent.storeName | Should -Be 'My'
        $sent.keyProvider | Should -Be 'Auto'
        $sent.ignorePolicy | Should -BeFalse
        (Get-Sent -Method 'plan/apply').indexes | Should -Be 0, 1, 2, 3
        Get-Sent -Method 'plan/discard' | Should -BeNullOrEmpty
    }

    It 'sends the names of readers as they are' {
        $null = Invoke-CertPropagation -Reader 'A [*', 'B'
        (Get-Sent -Method 'propagation/plan').readers | Should -Be 'A [*', 'B'
    }

    It 'collects what is piped into one plan of targets' {
        $null = Get-CardCertificate | Select-Object -First 2 | Invoke-CertPropagation -KeyProvider KSP
        $sent = @(Get-Sent -Method 'propagation/plan')
        $sent.Count | Should -Be 1
        $sent[0].readers | Should -BeNullOrEmpty
        $sent[0].keyProvider | Should -Be 'KSP'
        $sent[0].targets.Count | Should -Be 2
        $sent[0].targets[1].readerName | Should -Be 'Fake Reader [0] 00'
        $sent[0].targets[1].cardId | Should -Be 'CARD-1'
        $sent[0].targets[1].thumbprint | Should -Be ('0' * 39 + '1')
    }

    It 'takes a whole card from an object without a thumbprint' {
        $null = [pscustomobject]@{ ReaderName = 'R'; CardId = 'C' } | Invoke-CertPropagation
        $target = (Get-Sent -Method 'propagation/plan').targets[0]
        $target.cardId | Should -Be 'C'
        $target.thumbprint | Should -BeNullOrEmpty
    }

    It 'does nothing when nothing comes down the pipeline' {
        Get-CardCertificate -Reader none | Invoke-CertPropagation | Should -BeNullOrEmpty
        Get-Sent -Method 'propagation/plan' | Should -BeNullOrEmpty
    }

    It 'does nothing, with an error, for an object without a reader' {
        [pscustomobject]@{ Thumbprint = $first } | Invoke-CertPropagation -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem[0].FullyQualifiedErrorId | Should -Be 'ReaderRequired,Invoke-CertPropagation'
        Get-Sent -Method 'propagation/plan' | Should -BeNullOrEmpty
    }

    It 'does nothing when the names of readers or the thumbprint come out empty' {
        { Invoke-CertPropagation -Reader @() } | Should -Throw -ErrorId 'ParameterArgumentValidationError,Invoke-CertPropagation'
        { Invoke-CertPropagation -Reader $null } | Should -Throw -ErrorId 'ParameterArgumentValidationError,Invoke-CertPropagation'
        { Invoke-CertPropagation -Thumbprint $null } | Should -Throw -ErrorId 'ParameterArgumentValidationError,Invoke-CertPropagation'
        Get-Sent -Method 'propagation/plan' | Should -BeNullOrEmpty
    }

    It 'gives the plan under -WhatIf, and drops it' {
        $results = Invoke-CertPropagation -WhatIf
        $results.Action | Should -Be 'Added', 'Replaced', 'Unchanged', 'Skipped'
        $results.Planned | Should -Not -Contain $false
        Get-Sent -Method 'plan/apply' | Should -BeNullOrEmpty
        (Get-Sent -Method 'plan/discard').planId | Should -Be 11
    }

    It 'obeys $WhatIfPreference of the script that calls it' {
        $WhatIfPreference = $true
        (Invoke-CertPropagation).Planned | Should -Not -Contain $false
        Get-Sent -Method 'plan/apply' | Should -BeNullOrEmpty
    }

    It 'obeys $ErrorActionPreference of the script that calls it' {
        $ErrorActionPreference = 'Stop'
        { Get-CardCertificate -Reader events -WarningAction SilentlyContinue } | Should -Throw -ErrorId 'ReaderBusy,Get-CardCertificate'
    }

    It 'drops the plan when it is ended between plan and consent' {
        InModuleScope CertProp { Mock Confirm-PlannedResult { throw 'no more' } }
        { Invoke-CertPropagation } | Should -Throw 'no more'
        Wait-Until { Get-Sent -Method 'plan/discard' }
        Get-Sent -Method 'plan/apply' | Should -BeNullOrEmpty
    }

    It 'says what else is to be propagated' {
        $null = Invoke-CertPropagation -AllowUnlinked -IncludeIntermediate -IncludeRemote -Scope Any -SourcePath '/a', '/b.sst' -WhatIf
        $sent = Get-Sent -Method 'propagation/plan'
        $sent.allowUnlinked | Should -BeTrue
        $sent.includeIntermediate | Should -BeTrue
        $sent.includeRemote | Should -BeTrue
        $sent.scope | Should -Be 'Any'
        $sent.sourcePaths.Count | Should -Be 2
        $sent.sourcePaths[1] | Should -BeLike '*b.sst'
    }

    It 'leaves out what was not asked for' {
        $null = Invoke-CertPropagation -WhatIf
        $sent = Get-Sent -Method 'propagation/plan'
        $sent.allowUnlinked, $sent.includeIntermediate, $sent.includeRemote | Should -Be $false, $false, $false
        $sent.scope, $sent.sourcePaths | Should -Be $null, $null
    }

    It 'says that policy is to be ignored' {
        $null = Invoke-CertPropagation -IgnorePolicy -WhatIf
        (Get-Sent -Method 'propagation/plan').ignorePolicy | Should -BeTrue
    }

    It 'carries out what was agreed to, and leaves the rest alone' {
        InModuleScope CertProp { Mock Confirm-PlannedResult { $Result.action -ne 'Added' } }
        (Invoke-CertPropagation).Action | Should -Be 'Replaced', 'Unchanged', 'Skipped'
        (Get-Sent -Method 'plan/apply').indexes | Should -Be 1, 2, 3
    }

    It 'resolves -StorePath to a full path of the file system' {
        Push-Location -LiteralPath $TestDrive
        try { $null = Invoke-CertPropagation -StorePath 'new/../store' } finally { Pop-Location }
        $place = (Get-Sent -Method 'propagation/plan').storePlace
        $place.kind | Should -Be 'Folder'
        $place.path | Should -Be ([System.IO.Path]::Combine($TestDrive, 'store'))
    }

    It 'takes a store by its location and provider' {
        $null = Invoke-CertPropagation -StoreLocation LocalMachine -StoreProvider DotNet
        $place = (Get-Sent -Method 'propagation/plan').storePlace
        $place.kind | Should -Be 'DotNet'
        $place.location | Should -Be 'LocalMachine'
    }

    It 'refuses a folder and a location at once' {
        { Invoke-CertPropagation -StorePath $TestDrive -StoreLocation LocalMachine } |
            Should -Throw -ErrorId 'AmbiguousParameterSet,Invoke-CertPropagation'
    }

    It 'refuses a -StorePath outside of the file system (<_>)' -ForEach 'Env:\PATH', 'Nowhere:\x' {
        { Invoke-CertPropagation -StorePath $_ } | Should -Throw -ErrorId 'InvalidStorePath,Invoke-CertPropagation'
    }
}

Describe 'Remove-PropagatedCertificate' {
    BeforeEach { if (Test-Path -LiteralPath $log) { Clear-Content -LiteralPath $log } }

    It 'fails when nothing is selected' {
        { Remove-PropagatedCertificate -Confirm:$false } | Should -Throw -ErrorId 'SelectorRequired,Remove-PropagatedCertificate'
        Get-Sent -Method 'removal/plan' | Should -BeNullOrEmpty
    }

    It 'does nothing when nothing comes down the pipeline, whatever else is selected' {
        Get-CardCertificate -Reader none | Remove-PropagatedCertificate -Expired -Confirm:$false | Should -BeNullOrEmpty
        Get-Sent -Method 'removal/plan' | Should -BeNullOrEmpty
    }

    It 'takes typed thumbprints as named' {
        $results = Remove-PropagatedCertificate -Thumbprint ('00 ' * 20) -Confirm:$false
        $results.Action | Should -Be 'Removed'
        $results.Planned | Should -BeFalse
        $sent = Get-Sent -Method 'removal/plan'
        $sent.thumbprints | Should -Be $first
        $sent.named | Should -BeTrue
    }

    It 'takes piped thumbprints as not named, and not their readers' {
        $null = Get-CardCertificate | Remove-PropagatedCertificate -Confirm:$false
        $sent = Get-Sent -Method 'removal/plan'
        $sent.thumbprints.Count | Should -Be 3
        $sent.named | Should -BeFalse
        $sent.readers | Should -BeNullOrEmpty
    }

    It 'refuses -Reader together with -NotOnCard' {
        { Remove-PropagatedCertificate -Reader 'R*' -NotOnCard -Confirm:$false } | Should -Throw -ErrorId 'SelectorConflict,Remove-PropagatedCertificate'
    }

    It 'sends every selector' {
        $null = Remove-PropagatedCertificate -Subject 'CN=a*' -SerialNumber '1 f' -Reader 'R*' -Expired -StoreName Other -Confirm:$false
        $sent = Get-Sent -Method 'removal/plan'
        $sent.subjects | Should -Be 'CN=a*'
        $sent.serialNumbers | Should -Be '1 f'
        $sent.readers | Should -Be 'R*'
        $sent.notOnCard | Should -BeFalse
        $sent.expired | Should -BeTrue
        $sent.storeNames | Should -Be 'Other'
        $sent.thumbprints | Should -BeNullOrEmpty
    }

    It 'takes <Given> as <Milliseconds> ms of age' -ForEach @(
        @{ Given = 90; Milliseconds = 7776000000 }
        @{ Given = 0; Milliseconds = 0 }
        @{ Given = 0.5; Milliseconds = 43200000 }
        @{ Given = '1.12:00:00'; Milliseconds = 129600000 }
        @{ Given = [timespan]::FromHours(1); Milliseconds = 3600000 }
    ) {
        $null = Remove-PropagatedCertificate -OlderThan $Given -WhatIf
        (Get-Sent -Method 'removal/plan').olderThan | Should -Be $Milliseconds
    }

    It 'refuses "<_>" as an age' -ForEach 'long', -1, '-1.00:00:00', 1e300 {
        { Remove-PropagatedCertificate -OlderThan $_ -WhatIf } | Should -Throw -ErrorId 'InvalidAge,Remove-PropagatedCertificate'
        Get-Sent -Method 'removal/plan' | Should -BeNullOrEmpty
    }

    It 'sends the selectors by origin' {
        $null = Remove-PropagatedCertificate -Issuer 'CN=CA*' -CardId 'AB' -Evidence KeyLink -ForeignUser -ProfilePath '/profiles/*' -Confirm:$false
        $sent = Get-Sent -Method 'removal/plan'
        $sent.issuers | Should -Be 'CN=CA*'
        $sent.cardIds | Should -Be 'AB'
        $sent.evidence | Should -Be 'KeyLink'
        $sent.foreignUser | Should -BeTrue
        $sent.storePlace.kind | Should -Be 'Profiles'
        $sent.storePlace.paths | Should -Be '/profiles/*'
        $sent.storeNames | Should -Be 'My', 'Request'
    }

    It 'takes no selector that is switched off' {
        { Remove-PropagatedCertificate -Expired:$false -ForeignUser:$false -Confirm:$false } |
            Should -Throw -ErrorId 'SelectorRequired,Remove-PropagatedCertificate'
    }

    It 'removes what is found from where it was found' {
        $null = Get-PropagatedCertificate | Remove-PropagatedCertificate -Confirm:$false
        $sent = @(Get-Sent -Method 'removal/plan')
        $sent.Count | Should -Be 3
        $sent[0].storePlace.paths | Should -Be '/profiles/`[jane`]'
        $sent[0].storeNames | Should -Be 'Request'
        $sent[1].storePlace.path | Should -Be '/store'
        $sent[1].storeNames | Should -Be 'My'
        $sent[2].storePlace.kind | Should -Be 'System'
        $sent.named | Should -Not -Contain $true
        $sent.thumbprints | Should -Be $first, ('0' * 39 + '1'), ('0' * 39 + '2')
    }

    It 'does so with what comes out of CSV, and makes one plan of what lies in one place' {
        $found = Get-PropagatedCertificate | ConvertTo-Csv -NoTypeInformation | ConvertFrom-Csv
        $null = @($found) + @($found) | Remove-PropagatedCertificate -Expired -Confirm:$false
        $sent = @(Get-Sent -Method 'removal/plan')
        $sent.Count | Should -Be 3
        $sent[0].thumbprints.Count | Should -Be 2
        $sent[0].storePlace.kind | Should -Be 'Profiles'
        $sent[2].storePlace.location | Should -Be 'CurrentUser'
        $sent.expired | Should -Not -Contain $false
    }

    It 'lets a place that is given go before the objects'' own' {
        $null = Get-PropagatedCertificate | Remove-PropagatedCertificate -StorePath $TestDrive -StoreName Other -Confirm:$false
        $sent = @(Get-Sent -Method 'removal/plan')
        $sent.Count | Should -Be 1
        $sent[0].storePlace.path | Should -Be "$TestDrive"
        $sent[0].storeNames | Should -Be 'Other'
        $sent[0].thumbprints.Count | Should -Be 3
    }

    It 'refuses <Name>' -ForEach @(
        @{ Name = 'roots of profiles'; Given = @{ Root = $true; AllProfiles = $true } }
        @{ Name = 'roots in another store'; Given = @{ Root = $true; StoreName = 'My' } }
        @{ Name = 'foreign users of a folder'; Given = @{ ForeignUser = $true; StorePath = '/store' } }
        @{ Name = 'foreign users of the machine'; Given = @{ ForeignUser = $true; StoreLocation = 'LocalMachine' } }
    ) {
        { Remove-PropagatedCertificate @Given -Confirm:$false } | Should -Throw -ErrorId 'SelectorConflict,Remove-PropagatedCertificate'
        Get-Sent -Method 'removal/plan' | Should -BeNullOrEmpty
    }

    It 'refuses a -ProfilePath outside of the file system' {
        { Remove-PropagatedCertificate -Expired -ProfilePath 'Env:\PATH' } | Should -Throw -ErrorId 'InvalidProfilePath,Remove-PropagatedCertificate'
    }

    It 'removes nothing under -WhatIf' {
        (Remove-PropagatedCertificate -Expired -WhatIf).Planned | Should -BeTrue
        Get-Sent -Method 'plan/apply' | Should -BeNullOrEmpty
    }

    It 'asks before it removes, and ends where nobody can answer' {
        $powershell = New-PowerShell -Folder $folder
        $powershell.Commands.Clear()
        { $powershell.AddScript('$ErrorActionPreference = "Stop"; Remove-PropagatedCertificate -Expired').Invoke() } | Should -Throw '*confirmation*Remove certificate*'
        $powershell.Runspace.Dispose()
        Get-Sent -Method 'plan/apply' | Should -BeNullOrEmpty
    }
}

Describe 'Get-PropagatedCertificate' {
    BeforeEach { if (Test-Path -LiteralPath $log) { Clear-Content -LiteralPath $log } }

    It 'looks through My and Request of the current user when nothing is said' {
        $found = Get-PropagatedCertificate
        $found.Count | Should -Be 3
        $found[0].PSObject.TypeNames[0] | Should -Be 'CertProp.PropagatedCertificate'
        $found[0].PSObject.Properties.Name | Should -Be @(
            'Thumbprint', 'Subject', 'Issuer', 'SerialNumber', 'NotBefore', 'NotAfter', 'Upn', 'Evidence', 'LinkState', 'IsOnCard'
            'IsExpired', 'IsForeignUser', 'ReaderName', 'CardId', 'Provider', 'Container', 'PropagatedAt', 'StoreName', 'StorePath'
            'StoreLocation', 'StoreProvider', 'ProfilePath', 'ProfileUser')
        $found[0].PropagatedAt.ToUniversalTime() | Should -Be ([datetime]::new(2026, 1, 2, 3, 4, 5, [System.DateTimeKind]::Utc))
        $found[1].PropagatedAt | Should -BeNullOrEmpty
        $sent = Get-Sent -Method 'inventory/list'
        $sent.storePlace.kind | Should -Be 'System'
        $sent.storePlace.location | Should -Be 'CurrentUser'
        $sent.storeNames | Should -Be 'My', 'Request'
        $sent.summary | Should -BeFalse
        foreach ($selector in 'thumbprints', 'subjects', 'issuers', 'serialNumbers', 'cardIds', 'readers', 'evidence', 'olderThan', 'pkcs11Module') {
            $sent.$selector | Should -BeNullOrEmpty -Because $selector
        }
        foreach ($selector in 'notOnCard', 'expired', 'foreignUser') { $sent.$selector | Should -BeFalse -Because $selector }
    }

    It 'sends every selector' {
        $selectors = @{
            Thumbprint = '00 ' * 20; Subject = 'CN=a*'; Issuer = 'CN=b*'; SerialNumber = '1 f'; CardId = 'C*'; Reader = 'R*'
            Expired = $true; ForeignUser = $true; OlderThan = 1; Evidence = 'Mark'; StoreName = 'My'; Pkcs11Module = '/p11.so'
        }
        $null = Get-PropagatedCertificate @selectors
        $sent = Get-Sent -Method 'inventory/list'
        $sent.thumbprints | Should -Be $first
        $sent.subjects, $sent.issuers, $sent.serialNumbers, $sent.cardIds, $sent.readers | Should -Be 'CN=a*', 'CN=b*', '1 f', 'C*', 'R*'
        $sent.expired, $sent.foreignUser | Should -Be $true, $true
        $sent.olderThan | Should -Be 86400000
        $sent.evidence, $sent.storeNames, $sent.pkcs11Module | Should -Be 'Mark', 'My', '/p11.so'
    }

    It 'looks through profiles by full paths' {
        Push-Location -LiteralPath $TestDrive
        try { $null = Get-PropagatedCertificate -ProfilePath 'users/*', '/profiles/[a-c]*' } finally { Pop-Location }
        $sent = Get-Sent -Method 'inventory/list'
        $sent.storePlace.kind | Should -Be 'Profiles'
        $sent.storePlace.paths[0] | Should -Be ([System.IO.Path]::Combine($TestDrive, 'users', '*'))
        $sent.storePlace.paths[1] | Should -BeLike '*profiles*`[a-c`]`*'
    }

    It 'looks through all profiles' {
        $null = Get-PropagatedCertificate -AllProfiles
        (Get-Sent -Method 'inventory/list').storePlace.kind | Should -Be 'AllProfiles'
    }

    It 'looks through My only where .NET has the stores' {
        $null = Get-PropagatedCertificate -StoreProvider DotNet
        (Get-Sent -Method 'inventory/list').storeNames | Should -Be 'My'
    }

    It 'gives summaries' {
        $summaries = Get-PropagatedCertificate -Summary
        $summaries.Count | Should -Be 3
        $summaries[0].PSObject.TypeNames[0] | Should -Be 'CertProp.PropagatedSummary'
        $summaries[0].PSObject.Properties.Name | Should -Be @(
            'ProfilePath', 'ProfileUser', 'StorePath', 'StoreLocation', 'StoreProvider', 'Certificates', 'FromCards', 'Expired'
            'ForeignUser', 'OnCard', 'Problems')
        $summaries[0].FromCards | Should -Be 4
        (Get-Sent -Method 'inventory/list').summary | Should -BeTrue
    }

    It 'refuses two places at once' {
        { Get-PropagatedCertificate -ProfilePath '/p' -StorePath '/s' } | Should -Throw -ErrorId 'AmbiguousParameterSet,Get-PropagatedCertificate'
        { Get-PropagatedCertificate -Reader R -NotOnCard } | Should -Throw -ErrorId 'SelectorConflict,Get-PropagatedCertificate'
    }

    It 'has a table view that says where each lies' {
        $table = Get-PropagatedCertificate | Format-Table | Out-String -Width 200
        $table | Should -Match 'Thumbprint +NotAfter +Evidence +OnCard +Foreign +Store +Subject +ProfilePath'
        $table | Should -Match ([regex]::Escape('/profiles/[jane]'))
    }
}

Describe 'Add-CardCertificate on a PIV card' {
    BeforeEach { if (Test-Path -LiteralPath $log) { Clear-Content -LiteralPath $log } }

    BeforeAll {
        $certificate = [pscustomobject]@{ RawData = 'MAA=' }
        $key = ConvertTo-SecureString -String 'A0b1' -AsPlainText -Force
        $certificateOf = @{ Reader = 'One'; Certificate = $certificate }
    }

    It 'plans without the management key, and sends its bytes with the card that was seen' {
        $change = Add-CardCertificate @certificateOf -ManagementKey $key -Container 9A -Force
        $change.Action | Should -Be 'Added'
        $change.PSObject.Properties.Name | Should -Contain 'PropagationAction'
        $sent = @(Get-Sent -Method 'card/add-certificate')
        $sent.Count | Should -Be 2
        $sent[0].credential | Should -BeNullOrEmpty
        $sent[0].certificate.data | Should -Be 'MAA='
        $sent[0].target.container | Should -Be '9A'
        $sent[0].target.force | Should -BeTrue
        $sent[1].cardId | Should -Be '12345678'
        $sent[1].credential.kind | Should -Be 'ManagementKey'
        $sent[1].credential.bytes | Should -Be 0x41, 0x30, 0x62, 0x31
        $key.Length | Should -Be 4
    }

    It 'sends the full path of a file with the key' {
        $null = Add-CardCertificate @certificateOf -ManagementKeyPath 'key.txt'
        $sent = @(Get-Sent -Method 'card/add-certificate')[1]
        $sent.credential.kind | Should -Be 'ManagementKeyFile'
        [System.IO.Path]::IsPathRooted($sent.credential.path) | Should -BeTrue
    }

    It 'says that it needs the key where nobody can be asked' {
        { Add-CardCertificate @certificateOf } | Should -Throw -ErrorId 'ManagementKeyRequired,Add-CardCertificate'
        @(Get-Sent -Method 'card/add-certificate').Count | Should -Be 1
    }

    It 'sends no key that is no text of ASCII' {
        $odd = ConvertTo-SecureString -String ([string][char]0xE4) -AsPlainText -Force
        { Add-CardCertificate @certificateOf -ManagementKey $odd } | Should -Throw -ErrorId 'ManagementKeyInvalid,Add-CardCertificate'
        @(Get-Sent -Method 'card/add-certificate').Count | Should -Be 1
    }
}

Describe 'Set-CardCacheCounter' {
    BeforeEach { if (Test-Path -LiteralPath $log) { Clear-Content -LiteralPath $log } }

    BeforeAll {
        $pin = ConvertTo-SecureString -String '12 34~5' -AsPlainText -Force
        $wrongPin = ConvertTo-SecureString -String '000000' -AsPlainText -Force
    }

    It 'increments the counters of every card that fits, and gives the previous values' {
        $counters = Set-CardCacheCounter -Reader * -Increment Container -Pin $pin
        $counters.ReaderName | Should -Be 'One', 'Two'
        $counters[0].PSObject.TypeNames[0] | Should -Be 'CertProp.CardCacheCounter'
        $counters[0].PSObject.Properties.Name | Should -Be @(
            'ReaderName', 'CardId', 'PinsFreshness', 'ContainersFreshness', 'FilesFreshness'
            'PreviousPinsFreshness', 'PreviousContainersFreshness', 'PreviousFilesFreshness')
        $counters[0].PreviousContainersFreshness | Should -Be 5
        $counters[0].ContainersFreshness | Should -Be 6
        $sent = @(Get-Sent -Method 'counter/write')[0]
        $sent.readerName | Should -Be 'One'
        $sent.cardId | Should -Be 'CARD-1'
        $sent.increment | Should -Be 'Container'
        $sent.containersFreshness | Should -BeNullOrEmpty
        $sent.force | Should -BeFalse
    }

    It 'gives values to one card only' {
        { Set-CardCacheCounter -Reader * -FilesFreshness 1 -Pin $pin -Force } | Should -Throw -ErrorId 'ReaderAmbiguous,Set-CardCacheCounter'
        Get-Sent -Method 'counter/write' | Should -BeNullOrEmpty
    }

    It 'sends given values' {
        $null = Set-CardCacheCounter -Reader One -ContainersFreshness 7 -FilesFreshness 0 -Pin $pin -Force
        $sent = Get-Sent -Method 'counter/write'
        $sent.containersFreshness | Should -Be 7
        $sent.filesFreshness | Should -Be 0
        $sent.force | Should -BeTrue
        $sent.increment | Should -BeNullOrEmpty
    }

    It 'refuses a value that is not higher without -Force, before anything else' {
        Set-CardCacheCounter -Reader One -ContainersFreshness 5 -WhatIf -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem[0].FullyQualifiedErrorId | Should -Be 'CounterNotIncreased,Set-CardCacheCounter'
    }

    It 'knows what becomes of a counter: 65535 is followed by 1' {
        InModuleScope CertProp {
            $counter = [pscustomobject]@{ containersFreshness = 5; filesFreshness = 65535 }
            $change = @{ containersFreshness = $null; filesFreshness = $null }
            (Get-CounterChange -Field containersFreshness -Counter $counter -Change $change -Increment $true).To | Should -Be 6
            (Get-CounterChange -Field filesFreshness -Counter $counter -Change $change -Increment $true).To | Should -Be 1
            Get-CounterChange -Field filesFreshness -Counter $counter -Change $change -Increment $false | Should -BeNullOrEmpty
        }
    }

    It 'needs no PIN under -WhatIf' {
        Set-CardCacheCounter -Reader One -Increment File -WhatIf | Should -BeNullOrEmpty
        Get-Sent -Method 'counter/write' | Should -BeNullOrEmpty
    }

    It 'says that it needs a PIN where nobody can be asked' {
        $powershell = New-PowerShell -Folder $folder
        $null = Invoke-InPowerShell -PowerShell $powershell -Script 'Set-CardCacheCounter -Reader One -Increment File'
        $powershell.Streams.Error[0].FullyQualifiedErrorId | Should -Be 'PinRequired,Set-CardCacheCounter'
        $powershell.Runspace.Dispose()
        Get-Sent -Method 'counter/write' | Should -BeNullOrEmpty
    }

    It 'reports a wrong PIN with the tries left, and tries it on no other card' {
        Set-CardCacheCounter -Reader * -Increment File -Pin $wrongPin -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem.Count | Should -Be 1
        $problem[0].FullyQualifiedErrorId | Should -Be 'WrongPin,Set-CardCacheCounter'
        $problem[0].CategoryInfo.Category | Should -Be 'AuthenticationError'
        $problem[0].Exception.Data['triesLeft'] | Should -Be 2
        @(Get-Sent -Method 'counter/write').Count | Should -Be 1
    }

    It 'keeps the PIN that it was given usable, and wipes what it made of it' {
        InModuleScope CertProp -Parameters @{ Pin = $pin } {
            $request = New-EngineRequest -Method 'counter/write' -Parameters @{ readerName = 'One' }
            $request.Secret = ConvertTo-PinField -Pin $Pin
            $secret = $request.Secret
            Invoke-EngineRequest -Cmdlet $null -Request $request
            $request.Failure | Should -BeNullOrEmpty
            $request.Secret | Should -BeNullOrEmpty
            $secret | Where-Object { $_ -ne 0 } | Should -BeNullOrEmpty
        }
        $pin.Length | Should -Be 7
    }
}

Describe 'Completion of -Reader' {
    It 'offers the readers that start so, quoted where needed (<Line>)' -ForEach @(
        @{ Line = 'Get-CardCertificate -Reader f'; Expected = @("'Fake Reader [0] 00'") }
        @{ Line = "Invoke-CertPropagation -Reader 'Fa"; Expected = @("'Fake Reader [0] 00'") }
        @{ Line = 'Remove-PropagatedCertificate -Reader i'; Expected = @("'It''s'") }
        @{ Line = 'Set-CardCacheCounter -Reader p'; Expected = @('Plain') }
        @{ Line = 'Add-CardCertificate -Reader p'; Expected = @('Plain') }
        @{ Line = 'Remove-CardCertificate -Reader p'; Expected = @('Plain') }
        @{ Line = 'Get-CardCacheItem -Reader p'; Expected = @('Plain') }
        @{ Line = 'Get-CardCertificate -Reader '; Expected = @("'Fake Reader [0] 00'", "'It''s'", 'Plain') }
    ) {
        $found = TabExpansion2 -inputScript $Line -cursorColumn $Line.Length
        $found.CompletionMatches.CompletionText | Should -Be $Expected
    }
}

Describe 'The objects' {
    It 'show as a table' {
        (Get-CardCertificate | Out-String -Width 200) | Should -BeLike '*Thumbprint*NotAfter*Subject*ReaderName*2030-01-0*CN=Certificate 0*'
        (Invoke-CertPropagation | Out-String -Width 200) | Should -BeLike '*Action*Reason*Store*Thumbprint*Subject*Added*My*'
    }

    It 'give the certificate through a method, which CSV and JSON do not show' {
        $key = [System.Security.Cryptography.RSA]::Create(2048)
        $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new(
            'CN=Someone', $key, [System.Security.Cryptography.HashAlgorithmName]::SHA256, [System.Security.Cryptography.RSASignaturePadding]::Pkcs1)
        $der = $request.CreateSelfSigned([datetimeoffset]::Now, [datetimeoffset]::Now.AddDays(1)).RawData
        $certificate = [pscustomobject]@{ PSTypeName = 'CertProp.CardCertificate'; RawData = [System.Convert]::ToBase64String($der) }
        $certificate.GetCertificate().Subject | Should -Be 'CN=Someone'
        (ConvertFrom-Json -InputObject (ConvertTo-Json -InputObject $certificate)).PSObject.Properties.Name | Should -Be 'RawData'
    }
}
