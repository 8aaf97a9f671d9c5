# examples/logon: the scripts run as processes of their own on virtual cards (CERTPROP_TEST_MODULE); the tasks are registered with doubles
# of the module ScheduledTasks, which only Windows has. The doubles take the parameters and values that its documentation gives.

BeforeDiscovery {
    $without = -not $env:CERTPROP_TEST_MODULE
    $withoutRoot = [System.Environment]::OSVersion.Platform -eq [System.PlatformID]::Win32NT -or (& id -u) -ne '0'
}

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'module', 'Support.ps1'))
    $logon = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'examples', 'logon'))
    $shell = (Get-Process -Id $PID).Path
    # A process of PowerShell, the module and the engine have to start.
    $patience = 120

    function Join-Folder { [System.IO.Path]::Combine([string[]]$args) }

    function Start-Example {
        param([string]$Script, [string[]]$Argument)
        $start = [System.Diagnostics.ProcessStartInfo]::new($shell)
        foreach ($one in @('-NoProfile', '-NonInteractive', '-File', (Join-Folder $logon $Script)) + $Argument) { $start.ArgumentList.Add($one) }
        [System.Diagnostics.Process]::Start($start)
    }

    # Gives the exit code.
    function Invoke-Example {
        param([string]$Script, [string[]]$Argument)
        $process = Start-Example -Script $Script -Argument $Argument
        if (-not $process.WaitForExit(1000 * $patience)) {
            $process.Kill()
            throw "$Script did not end within $patience seconds."
        }
        $process.ExitCode
    }

    # The lines of a log without their times.
    function Get-LoggedText {
        param([string]$Path)
        if ([System.IO.File]::Exists($Path)) { [System.IO.File]::ReadAllLines($Path) -replace '^\S+ ' }
    }
}

Describe 'Register-CertPropTask.ps1' {
    BeforeAll {
        $register = Join-Folder $logon 'Register-CertPropTask.ps1'
        $folder = New-ModuleCopy
        Import-ModuleCopy -Folder $folder
        $module = Join-Folder $folder 'CertProp.psd1'
        $systemRoot = $env:SystemRoot
        $env:SystemRoot = 'C:\Windows'

        function New-ScheduledTaskAction {
            param([string]$Execute, [string]$Argument)
            [pscustomobject]@{ Execute = $Execute; Arguments = $Argument }
        }
        function New-ScheduledTaskTrigger {
            param([switch]$AtLogOn, [string]$User)
            [pscustomobject]@{ Kind = 'LogOn'; AtLogOn = $AtLogOn; User = $User }
        }
        function New-ScheduledTaskPrincipal {
            param(
                [Parameter(ParameterSetName = 'User', Mandatory)] [string]$UserId,
                [Parameter(ParameterSetName = 'User')] [ValidateSet('None', 'Password', 'S4U', 'Interactive', 'Group', 'ServiceAccount', 'InteractiveOrPassword')] [string]$LogonType,
                [Parameter(ParameterSetName = 'Group', Mandatory)] [string]$GroupId,
                [ValidateSet('Limited', 'Highest')] [string]$RunLevel
            )
            [pscustomobject]@{ UserId = $UserId; LogonType = $LogonType; GroupId = $GroupId; RunLevel = $RunLevel }
        }
        function New-ScheduledTaskSettingsSet {
            param(
                [timespan]$ExecutionTimeLimit = [timespan]::FromDays(3),
                [ValidateSet('Parallel', 'Queue', 'IgnoreNew')] [string]$MultipleInstances = 'IgnoreNew',
                [switch]$AllowStartIfOnBatteries, [switch]$DontStopIfGoingOnBatteries, [int]$RestartCount, [timespan]$RestartInterval
            )
            [pscustomobject]@{
                ExecutionTimeLimit         = $ExecutionTimeLimit
                MultipleInstances          = $MultipleInstances
                AllowStartIfOnBatteries    = $AllowStartIfOnBatteries
                DontStopIfGoingOnBatteries = $DontStopIfGoingOnBatteries
                RestartCount               = $RestartCount
                RestartInterval            = $RestartInterval
            }
        }
        function New-ScheduledTask {
            param([object[]]$Action, [object[]]$Trigger, [object]$Principal, [object]$Settings, [string]$Description)
            [pscustomobject]@{ Actions = $Action; Triggers = $Trigger; Principal = $Principal; Settings = $Settings; Description = $Description }
        }
        function Get-CimClass {
            param([string]$Namespace, [string]$ClassName)
            if ($Namespace -ne 'Root/Microsoft/Windows/TaskScheduler') { throw "no namespace $Namespace" }
            [pscustomobject]@{ CimClassName = $ClassName }
        }
        function New-CimInstance {
            [CmdletBinding(SupportsShouldProcess)]
            param([object]$CimClass, [System.Collections.IDictionary]$Property, [switch]$ClientOnly)
            if (-not $ClientOnly) { throw 'a trigger is not an instance of its own' }
            if ($PSCmdlet.ShouldProcess('instance')) { [pscustomobject](@{ Kind = $CimClass.CimClassName } + $Property) }
        }
        # The tasks of the machine, by path and name.
        $registered = @{}
        function Register-ScheduledTask {
            param([string]$TaskPath, [string]$TaskName, [object]$InputObject, [switch]$Force)
            if ($registered.ContainsKey("$TaskPath$TaskName") -and -not $Force) { throw 'Cannot create a file when that file already exists.' }
            $registered["$TaskPath$TaskName"] = $InputObject
            $InputObject | Add-Member -NotePropertyName TaskName -NotePropertyValue $TaskName -PassThru
        }
        function Get-ScheduledTask {
            [CmdletBinding()]
            param([string]$TaskPath, [string]$TaskName)
            if ($registered.ContainsKey("$TaskPath$TaskName")) { $registered["$TaskPath$TaskName"] }
            else { Write-Error "No MSFT_ScheduledTask objects found with property 'TaskName' equal to '$TaskName'." }
        }
        function Unregister-ScheduledTask {
            [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
            param([string]$TaskPath, [string]$TaskName)
            if ($PSCmdlet.ShouldProcess($TaskName)) { $registered.Remove("$TaskPath$TaskName") }
        }
    }
    AfterAll {
        $env:SystemRoot = $systemRoot
        Remove-ModuleCopy -Folder $folder
    }
    BeforeEach { $registered.Clear() }

    Context 'The tasks' {
        BeforeEach { Mock -ModuleName CertProp Assert-TrustedFile }

        It 'needs an elevated session' {
            $tree = [System.Management.Automation.Language.Parser]::ParseFile($register, [ref]$null, [ref]$null)
            $tree.ScriptRequirements.IsElevationRequired | Should -BeTrue
        }

        It 'registers three tasks, and outputs them' {
            (& $register -Module $module).TaskName | Should -Be 'Watch', 'Roots', 'RootCleanUp'
            $registered.Keys | Sort-Object | Should -Be '\CertProp\RootCleanUp', '\CertProp\Roots', '\CertProp\Watch'
        }

        It 'replaces the tasks of an earlier run' {
            $null = & $register -Module $module -RemoveOnCardRemoval
            $null = & $register -Module $module
            $registered.Count | Should -Be 3
            $registered['\CertProp\Watch'].Actions.Arguments | Should -Not -BeLike '*-RemoveOnCardRemoval*'
        }

        It 'watches as each user that signs in, with that user''s rights' {
            $null = & $register -Module $module
            $task = $registered['\CertProp\Watch']
            $task.Triggers.Kind | Should -Be 'LogOn'
            $task.Triggers.AtLogOn | Should -BeTrue
            $task.Triggers.User | Should -BeNullOrEmpty -Because 'it is anyone''s sign-in'
            $task.Principal.GroupId | Should -Be 'S-1-5-32-545'
            $task.Principal.RunLevel | Should -Be 'Limited'
        }

        It 'lets the watches of several users run side by side, without a time limit' {
            $null = & $register -Module $module
            $settings = $registered['\CertProp\Watch'].Settings
            $settings.ExecutionTimeLimit | Should -Be ([timespan]::Zero)
            $settings.MultipleInstances | Should -Be 'Parallel'
            $settings.RestartCount | Should -Be 3
            $settings.RestartInterval | Should -Be ([timespan]::FromMinutes(1))
        }

        It 'propagates roots as SYSTEM at sign-in and when a session is unlocked' {
            $null = & $register -Module $module
            $task = $registered['\CertProp\Roots']
            $task.Triggers.Kind | Should -Be 'LogOn', 'MSFT_TaskSessionStateChangeTrigger'
            $task.Triggers[1].StateChange | Should -Be 8
            $task.Triggers[1].StateChange | Should -BeOfType [uint32]
            $task.Triggers[1].Enabled | Should -BeTrue
            $task.Actions.Arguments | Should -Not -BeLike '*-CleanUp*'
        }

        It 'cleans up as SYSTEM at sign-out, by Winlogon''s event, and at the next sign-in' {
            $null = & $register -Module $module
            $task = $registered['\CertProp\RootCleanUp']
            $task.Triggers.Kind | Should -Be 'LogOn', 'MSFT_TaskEventTrigger'
            $query = ([xml]$task.Triggers[1].Subscription).QueryList.Query
            $query.Path | Should -Be 'System'
            $query.Select.Path | Should -Be 'System'
            $query.Select.InnerText | Should -Be "*[System[Provider[@Name='Microsoft-Windows-Winlogon'] and EventID=7002]]"
            $task.Triggers[1].Enabled | Should -BeTrue
            $task.Actions.Arguments | Should -BeLike '*Roots.ps1" -CleanUp'
        }

        It 'ends <_> after five minutes, and passes over no sign-in or sign-out' -ForEach 'Roots', 'RootCleanUp' {
            $null = & $register -Module $module
            $task = $registered["\CertProp\$_"]
            $task.Principal.UserId | Should -Be 'S-1-5-18'
            $task.Principal.LogonType | Should -Be 'ServiceAccount'
            $task.Settings.ExecutionTimeLimit | Should -Be ([timespan]::FromMinutes(5))
            $task.Settings.MultipleInstances | Should -Be 'Queue'
        }

        It 'runs <script> for <task> in Windows PowerShell, under the execution policy of the machine, on batteries too' -ForEach @(
            @{ task = 'Watch'; script = 'Watch.ps1' }
            @{ task = 'Roots'; script = 'Roots.ps1' }
            @{ task = 'RootCleanUp'; script = 'Roots.ps1' }
        ) {
            $null = & $register -Module $module
            $found = $registered["\CertProp\$task"]
            $found.Actions.Execute | Should -Be 'C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe'
            $file = Join-Folder $logon $script
            $found.Actions.Arguments | Should -BeLike "-NoProfile -NonInteractive -WindowStyle Hidden -File ""$file""*"
            $found.Actions.Arguments | Should -Not -Match 'Ex\w*Policy|-ep |Bypass'
            [System.IO.File]::Exists($file) | Should -BeTrue
            $found.Settings.AllowStartIfOnBatteries | Should -BeTrue
            $found.Settings.DontStopIfGoingOnBatteries | Should -BeTrue
            $found.Description | Should -Not -BeNullOrEmpty
        }

        It 'hands -RemoveOnCardRemoval to the watch alone' {
            $null = & $register -Module $module -RemoveOnCardRemoval
            $registered['\CertProp\Watch'].Actions.Arguments | Should -BeLike '*Watch.ps1" -RemoveOnCardRemoval'
            $registered['\CertProp\Roots'].Actions.Arguments | Should -BeLike '*Roots.ps1"'
        }

        It 'registers and removes nothing under -WhatIf' {
            & $register -Module $module -WhatIf | Should -BeNullOrEmpty
            $registered.Count | Should -Be 0
            $null = & $register -Module $module
            & $register -Unregister -WhatIf
            $registered.Count | Should -Be 3
        }

        It 'removes its own tasks with -Unregister, and no others' {
            $null = & $register -Module $module
            $registered['\CertProp\Other'] = 'somebody''s'
            & $register -Unregister
            $registered.Keys | Should -Be '\CertProp\Other'
        }

        It 'has nothing to remove where nothing is registered' {
            & $register -Unregister | Should -BeNullOrEmpty
        }

        It 'registers nothing where the module is missing' {
            { & $register -Module 'NoSuchModule' } | Should -Throw '*NoSuchModule*'
            $registered.Count | Should -Be 0
        }
    }

    Context 'Where it looks who can change the scripts' -Skip:$withoutRoot {
        BeforeAll {
            $copy = Join-Folder $TestDrive 'logon'
            Copy-Item -LiteralPath $logon -Destination $copy -Recurse
            $registerCopy = Join-Folder $copy 'Register-CertPropTask.ps1'
        }

        It 'registers scripts that only root can change' {
            (& $registerCopy -Module $module).Count | Should -Be 3
        }

        It 'registers nothing when others can change <_>' -ForEach 'Watch.ps1', 'Roots.ps1', 'Run.ps1', 'Log.ps1' {
            $file = Join-Folder $copy $_
            & chmod 666 $file
            try { { & $registerCopy -Module $module } | Should -Throw "*others can change*$_*" -ErrorId 'FileNotTrusted*' }
            finally { & chmod 644 $file }
            $registered.Count | Should -Be 0
        }

        It 'registers nothing from a folder that others can write to' {
            & chmod 777 $copy
            try { { & $registerCopy -Module $module } | Should -Throw -ErrorId 'FileNotTrusted*' }
            finally { & chmod 755 $copy }
        }
    }
}

Describe 'The scripts of the tasks' -Skip:$without {
    BeforeAll {
        $temporary = Join-Folder ([System.IO.Path]::GetTempPath()) "certprop-$([guid]::NewGuid().ToString('N'))"
        $folder = Join-Folder $temporary 'CertProp'
        $null = New-Item -ItemType Directory -Path $temporary
        Copy-Item -LiteralPath $env:CERTPROP_TEST_MODULE -Destination $folder -Recurse
        $module = Join-Folder $folder 'CertProp.psd1'
        $readers = Join-Folder $folder 'engine' 'readers'
        if (Test-Path -LiteralPath $readers) { Remove-Item -LiteralPath $readers -Recurse }
        $policyFile = Join-Folder $folder 'engine' 'policy.json'

        $node = @(Get-Command -Name node -CommandType Application)[0].Source
        $makeCard = Join-Folder $PSScriptRoot '..' 'module' 'fixtures' 'make-card.mjs'
        $images = @{}
        $cards = foreach ($name in 'first', 'second') {
            $images[$name] = Join-Folder $temporary "$name.json"
            ConvertFrom-Json -InputObject (& $node $makeCard $images[$name])
        }
        $first = $cards[0]
        $second = $cards[1]

        function Add-Card {
            param([string]$Reader, [string]$Image)
            $null = New-Item -ItemType Directory -Path (Join-Folder $readers $Reader) -Force
            Copy-Item -LiteralPath $Image -Destination (Join-Folder $readers $Reader 'card.json')
        }
        function Add-MuteCard {
            param([string]$Reader)
            $null = New-Item -ItemType Directory -Path (Join-Folder $readers $Reader) -Force
            Set-Content -LiteralPath (Join-Folder $readers $Reader 'card.json') -Value '{"card":"Mute"}' -NoNewline
        }
        function Remove-Card {
            param([string]$Reader)
            Remove-Item -LiteralPath (Join-Folder $readers $Reader 'card.json')
        }
        function Set-Policy {
            param([string]$Json)
            Set-Content -LiteralPath $policyFile -Value $Json
            & chmod 644 $policyFile
        }
        # The thumbprints in a store, sorted.
        function Get-Stored {
            param([string]$Store)
            $place = Join-Folder $storePath 'SystemCertificates' $Store 'Certificates'
            if (Test-Path -LiteralPath $place) { (Get-ChildItem -LiteralPath $place).Name | Sort-Object }
        }
    }
    AfterAll { Remove-Item -LiteralPath $temporary -Recurse -Force }
    BeforeEach {
        $null = New-Item -ItemType Directory -Path $readers
        Add-Card -Reader 'Reader A' -Image $images.first
        $run = Join-Folder $TestDrive ([guid]::NewGuid().ToString('N'))
        $null = New-Item -ItemType Directory -Path $run
        $storePath = Join-Folder $run 'store'
        $log = Join-Folder $run 'logs' 'Test.log'
        $common = '-Module', $module, '-LogPath', $log, '-StorePath', $storePath
    }
    AfterEach {
        Remove-Item -LiteralPath $readers -Recurse
        if (Test-Path -LiteralPath $policyFile) { Remove-Item -LiteralPath $policyFile }
    }

    Context 'Watch.ps1' {
        BeforeEach { $watch = $null }
        AfterEach {
            if ($watch) {
                $watch.Kill()
                $watch.WaitForExit()
            }
        }

        It 'propagates the cards, takes certificates back with them under -RemoveOnCardRemoval, and logs both' {
            $watch = Start-Example -Script 'Watch.ps1' -Argument ($common + '-RemoveOnCardRemoval', '-Verbose')
            Wait-Until -Seconds $patience { (Get-LoggedText -Path $log) -match '^Added .* in SmartCardRoot' }
            Get-Stored -Store My | Should -Be ($first.thumbprints | Sort-Object)
            $lines = Get-LoggedText -Path $log
            $lines[0] | Should -Be "Started, process $($watch.Id)."
            $lines | Should -Contain "A card was inserted into the reader 'Reader A'."
            $lines | Should -Contain "Added (NotInStore) $($first.thumbprints[0]) in My, reader 'Reader A'"
            Remove-Card -Reader 'Reader A'
            Wait-Until -Seconds $patience { @((Get-LoggedText -Path $log) -match '^Removed ').Count -eq 3 }
            Get-Stored -Store My | Should -BeNullOrEmpty
        }

        It 'ends with 0 when its time is up' {
            Invoke-Example -Script 'Watch.ps1' -Argument ($common + '-Timeout', '1') | Should -Be 0
            (Get-LoggedText -Path $log)[-1] | Should -Be 'Ended with exit code 0.'
        }

        It 'is not needed twice in a session, which is no failure, and begins again after one that was ended by force' {
            $watch = Start-Example -Script 'Watch.ps1' -Argument $common
            Wait-Until -Seconds $patience { (Get-LoggedText -Path $log) -match '^Started' }
            Invoke-Example -Script 'Watch.ps1' -Argument $common | Should -Be 0
            @((Get-LoggedText -Path $log) -match 'is watched already').Count | Should -Be 1
            $watch.HasExited | Should -BeFalse
            $watch.Kill()
            $watch.WaitForExit()
            $watch = Start-Example -Script 'Watch.ps1' -Argument $common
            Wait-Until -Seconds $patience { @((Get-LoggedText -Path $log) -match '^Started').Count -eq 2 }
        }

        It 'ends with 2 where the module cannot be loaded' {
            Invoke-Example -Script 'Watch.ps1' -Argument '-Module', 'NoSuchModule', '-LogPath', $log | Should -Be 2
            Get-LoggedText -Path $log | Should -Contain 'Ended with exit code 2.'
            (Get-LoggedText -Path $log) -match '^Error .*NoSuchModule' | Should -Not -BeNullOrEmpty
        }

        It 'ends with 3 where the engine cannot be started' {
            $empty = Join-Folder $run 'CertProp'
            $null = New-Item -ItemType Directory -Path $empty
            Get-ChildItem -LiteralPath $folder | Where-Object Name -ne 'engine' | Copy-Item -Destination $empty -Recurse
            $arguments = '-Module', (Join-Folder $empty 'CertProp.psd1'), '-LogPath', $log, '-StorePath', $storePath
            Invoke-Example -Script 'Watch.ps1' -Argument $arguments | Should -Be 3
            (Get-LoggedText -Path $log) -match '^Error EngineMissing' | Should -Not -BeNullOrEmpty
        }

        It 'ends with 4 where there can be no store' {
            $arguments = '-Module', $module, '-LogPath', $log, '-StorePath', 'Env:store'
            Invoke-Example -Script 'Watch.ps1' -Argument $arguments | Should -Be 4
            (Get-LoggedText -Path $log) -match '^Error InvalidStorePath' | Should -Not -BeNullOrEmpty
        }

        It 'ends with 1 where it cannot have a log' {
            Set-Content -LiteralPath (Join-Folder $run 'logs') -Value 'a file, no folder'
            Invoke-Example -Script 'Watch.ps1' -Argument $common | Should -Be 1
        }
    }

    Context 'Roots.ps1' {
        BeforeAll {
            # In this process, which is faster. Gives the exit code.
            function Invoke-Roots {
                param([switch]$CleanUp)
                & (Join-Folder $logon 'Roots.ps1') -Module $module -LogPath $log -StorePath $storePath -CleanUp:$CleanUp
                $LASTEXITCODE
            }
        }
        AfterAll { Remove-Module -Name CertProp -ErrorAction Ignore }

        It 'propagates the roots of the inserted cards and nothing else' {
            Add-Card -Reader 'Reader B' -Image $images.second
            Invoke-Example -Script 'Roots.ps1' -Argument $common | Should -Be 0
            Get-Stored -Store SmartCardRoot | Should -Be ($first.root, $second.root | Sort-Object)
            Get-Stored -Store My | Should -BeNullOrEmpty
            Invoke-Roots | Should -Be 0
            Get-LoggedText -Path $log | Should -Contain "Unchanged (AlreadyInStore) $($first.root) in SmartCardRoot, reader 'Reader A'"
        }

        It 'leaves the roots of a card that is gone until the sign-out, and then takes back these alone' {
            Add-Card -Reader 'Reader B' -Image $images.second
            $null = Invoke-Roots
            Remove-Card -Reader 'Reader B'
            $null = Invoke-Roots
            Get-Stored -Store SmartCardRoot | Should -Contain $second.root
            Invoke-Roots -CleanUp | Should -Be 0
            Get-Stored -Store SmartCardRoot | Should -Be $first.root
        }

        It 'propagates nothing under -CleanUp' {
            $null = New-Item -ItemType Directory -Path $storePath
            Invoke-Roots -CleanUp | Should -Be 0
            Get-Stored -Store SmartCardRoot | Should -BeNullOrEmpty
        }

        It 'takes nothing back, and ends with 4, as long as not every card can be read' {
            $null = Invoke-Roots
            Add-MuteCard -Reader 'Reader A'
            Invoke-Roots -CleanUp | Should -Be 4
            Get-Stored -Store SmartCardRoot | Should -Be $first.root
            (Get-LoggedText -Path $log) -match '^Error ReadersNotReadable' | Should -Not -BeNullOrEmpty
        }

        It 'propagates the roots of the other cards when one cannot be read' {
            Add-MuteCard -Reader 'Reader B'
            Invoke-Roots | Should -Be 0
            Get-Stored -Store SmartCardRoot | Should -Be $first.root
        }

        It 'ends with 2 where the module cannot be loaded' {
            Invoke-Example -Script 'Roots.ps1' -Argument '-Module', 'NoSuchModule', '-LogPath', $log | Should -Be 2
        }

        Context 'Under a policy file of root''s' -Skip:$withoutRoot {
            It 'takes back the roots of a card that is gone each time where policy cleans up on removal' {
                Set-Policy -Json '{ "RootCertificateCleanupOption": 1 }'
                $null = Invoke-Roots
                Get-Stored -Store SmartCardRoot | Should -Be $first.root
                Remove-Card -Reader 'Reader A'
                Invoke-Roots | Should -Be 0
                Get-Stored -Store SmartCardRoot | Should -BeNullOrEmpty
            }

            It 'never takes any back where policy says never' {
                Set-Policy -Json '{ "RootCertificateCleanupOption": 0 }'
                $null = Invoke-Roots
                Remove-Card -Reader 'Reader A'
                Invoke-Roots -CleanUp | Should -Be 0
                Get-Stored -Store SmartCardRoot | Should -Be $first.root
            }

            It 'leaves the roots on the card where policy says so, and logs the reason' {
                Set-Policy -Json '{ "EnableRootCertificatePropagation": 0 }'
                Invoke-Roots | Should -Be 0
                Get-Stored -Store SmartCardRoot | Should -BeNullOrEmpty
                (Get-LoggedText -Path $log) -match '^Skipped \(PolicyDisabled\)' | Should -Not -BeNullOrEmpty
            }
        }
    }

    Context 'Logon.ps1' {
        It 'leaves the watch behind and returns with exit code 0' {
            Invoke-Example -Script 'Logon.ps1' -Argument $common | Should -Be 0
            Wait-Until -Seconds $patience { (Get-LoggedText -Path $log) -match '^Added .* in SmartCardRoot' }
            $id = [int]((Get-LoggedText -Path $log)[0] -replace '\D')
            try { Test-ProcessRunning -Id $id | Should -BeTrue }
            finally { Stop-Process -Id $id }
        }

        It 'returns with exit code 0 where the watch fails' {
            Invoke-Example -Script 'Logon.ps1' -Argument '-Module', 'NoSuchModule', '-LogPath', $log | Should -Be 0
            Wait-Until -Seconds $patience { (Get-LoggedText -Path $log) -eq 'Ended with exit code 2.' }
        }
    }
}

Describe 'Run.ps1' {
    BeforeAll {
        . (Join-Folder $logon 'Run.ps1')
        $log = Join-Folder $TestDrive 'Test.log'
        # A module that is there; the work here needs none.
        $module = 'Microsoft.PowerShell.Utility'
    }
    BeforeEach { Get-ChildItem -LiteralPath $TestDrive | Remove-Item }

    It 'goes on after what went wrong with one card, and gives 4' {
        $done = @{}
        Invoke-Logged -LogPath $log -Module $module -Work {
            Write-Error -ErrorId 'CardMute' -Message 'The card does not answer.'
            $done.after = $true
        } | Should -Be 4
        $done.after | Should -BeTrue
        Get-LoggedText -Path $log | Should -Contain 'Error CardMute: The card does not answer.'
    }

    It 'gives 3 for <_>' -ForEach 'EngineMissing', 'EngineNotStarted', 'EngineEnded', 'EngineProtocol', 'NodeNotFound', 'NodeTooOld', 'FileNotTrusted' {
        $id = $_
        Invoke-Logged -LogPath $log -Module $module -Work { Write-Error -ErrorId $id -Message 'No engine.' -ErrorAction Stop } | Should -Be 3
    }

    It 'counts a warning as no failure' {
        Invoke-Logged -LogPath $log -Module $module -Work { Write-Warning -Message 'Roots were left out.' } | Should -Be 0
        Get-LoggedText -Path $log | Should -Contain 'Warning: Roots were left out.'
    }
}

Describe 'Log.ps1' {
    BeforeAll {
        . (Join-Folder $logon 'Log.ps1')
        $log = Join-Folder $TestDrive 'Test.log'
        $old = Join-Folder $TestDrive 'Test.old.log'
    }
    BeforeEach { Get-ChildItem -LiteralPath $TestDrive | Remove-Item -Recurse }

    It 'writes one line for each text, with the time in UTC' {
        Write-Log -LogPath $log -Text "one`r`ntwo`tthree"
        Write-Log -LogPath $log -Text 'four'
        $lines = [System.IO.File]::ReadAllLines($log)
        $lines | Should -HaveCount 2
        $lines[0] | Should -Match '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ one two three$'
        $lines[1] | Should -BeLike '* four'
    }

    It 'cuts a long text' {
        Write-Log -LogPath $log -Text ('x' * 10000)
        (Get-Item -LiteralPath $log).Length | Should -BeLessThan 600
    }

    It 'goes on in a new file when one is full, and keeps the one before' {
        Set-Content -LiteralPath $old -Value 'oldest'
        Set-Content -LiteralPath $log -Value ('x' * 262144)
        Write-Log -LogPath $log -Text 'newest'
        [System.IO.File]::ReadAllLines($log) | Should -HaveCount 1
        Get-Content -LiteralPath $old | Should -Be ('x' * 262144)
        Get-ChildItem -LiteralPath $TestDrive | Should -HaveCount 2
    }

    It 'does not stop the work when it cannot write' {
        $null = New-Item -ItemType Directory -Path $log
        { Write-Log -LogPath $log -Text 'lost' } | Should -Not -Throw
    }
}
