#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Registers the scheduled tasks that propagate cards at sign-in and clean up at sign-out, or removes them.

.DESCRIPTION
Three tasks in the folder \CertProp, described in README.md: Watch runs as each user that signs in, Roots and RootCleanUp as SYSTEM. They run
the scripts beside this one, which only administrators may be able to change. Tasks of an earlier run are replaced.

.PARAMETER RemoveOnCardRemoval
Users' certificates leave the Personal store with their card.

.PARAMETER Unregister
Removes the tasks. What they have started runs on until the user signs out.

.PARAMETER Module
The module's name, or the full path of its manifest.

.PARAMETER WhatIf
Names the tasks; nothing is registered or removed.

.PARAMETER Confirm
Asks before each task.

.OUTPUTS
The registered tasks, as Get-ScheduledTask gives them.
#>
[CmdletBinding(DefaultParameterSetName = 'Register', SupportsShouldProcess)]
param(
    [Parameter(ParameterSetName = 'Register')]
    [switch]$RemoveOnCardRemoval,

    [Parameter(ParameterSetName = 'Register')]
    [string]$Module = 'CertProp',

    [Parameter(ParameterSetName = 'Unregister', Mandatory)]
    [switch]$Unregister
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$taskPath = '\CertProp\'
# S-1-5-32-545, BUILTIN\Users, and S-1-5-18, SYSTEM, have other names in other languages.
$usersSid = 'S-1-5-32-545'
$systemSid = 'S-1-5-18'
# A card is read in seconds; a vendor's library has 30.
$systemLimit = New-TimeSpan -Minutes 5
# TASK_SESSION_UNLOCK of TASK_SESSION_STATE_CHANGE_TYPE (taskschd.h).
$sessionUnlock = 8
# Windows has no trigger for a sign-out, but Winlogon tells of each in the log System: event 7002, 7001 being a sign-in.
$signOut = '<QueryList><Query Id="0" Path="System"><Select Path="System">' +
    "*[System[Provider[@Name='Microsoft-Windows-Winlogon'] and EventID=7002]]" +
    '</Select></Query></QueryList>'

function New-ScriptAction {
    param([string]$Name, [string]$Argument)

    $script = [System.IO.Path]::Combine($PSScriptRoot, $Name)
    New-ScheduledTaskAction -Execute "$env:SystemRoot\System32\WindowsPowerShell\v1.0\powershell.exe" -Argument (
        "-NoProfile -NonInteractive -WindowStyle Hidden -File ""$script"" $Argument".TrimEnd())
}

# Triggers that New-ScheduledTaskTrigger doesn't make.
function New-TriggerInstance {
    param([string]$ClassName, [hashtable]$Property)

    $class = Get-CimClass -Namespace 'Root/Microsoft/Windows/TaskScheduler' -ClassName $ClassName
    New-CimInstance -CimClass $class -Property (@{ Enabled = $true } + $Property) -ClientOnly
}

# No time limit: the watch ends with the session. In parallel: that of one user must not keep out another's.
function New-WatchTask {
    $argument = ''
    if ($RemoveOnCardRemoval) { $argument = '-RemoveOnCardRemoval' }
    $settings = New-ScheduledTaskSettingsSet -ExecutionTimeLimit ([timespan]::Zero) -MultipleInstances Parallel `
        -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -RestartCount 3 -RestartInterval (New-TimeSpan -Minutes 1)
    New-ScheduledTask -Description 'Propagates the certificates of smart cards until the user signs out.' `
        -Action (New-ScriptAction -Name 'Watch.ps1' -Argument $argument) `
        -Trigger (New-ScheduledTaskTrigger -AtLogOn) `
        -Principal (New-ScheduledTaskPrincipal -GroupId $usersSid -RunLevel Limited) `
        -Settings $settings
}

# One after the other: a second user's sign-in or sign-out must not be passed over.
function New-SystemTask {
    param([string]$Description, [string]$Argument, [object[]]$Trigger)

    $settings = New-ScheduledTaskSettingsSet -ExecutionTimeLimit $systemLimit -MultipleInstances Queue `
        -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
    New-ScheduledTask -Description $Description `
        -Action (New-ScriptAction -Name 'Roots.ps1' -Argument $Argument) `
        -Trigger $Trigger `
        -Principal (New-ScheduledTaskPrincipal -UserId $systemSid -LogonType ServiceAccount -RunLevel Highest) `
        -Settings $settings
}

function New-RootsTask {
    New-SystemTask -Description 'Propagates the root certificates of smart cards.' -Trigger @(
        New-ScheduledTaskTrigger -AtLogOn
        New-TriggerInstance -ClassName 'MSFT_TaskSessionStateChangeTrigger' -Property @{ StateChange = [uint32]$sessionUnlock }
    )
}

# At sign-in too: what could not be done at a sign-out, because the machine was turned off or a card was left in its reader.
function New-RootCleanUpTask {
    New-SystemTask -Description 'Takes back the root certificates of smart cards that are gone.' -Argument '-CleanUp' -Trigger @(
        New-ScheduledTaskTrigger -AtLogOn
        New-TriggerInstance -ClassName 'MSFT_TaskEventTrigger' -Property @{ Subscription = $signOut }
    )
}

$tasks = [ordered]@{
    Watch       = { New-WatchTask }
    Roots       = { New-RootsTask }
    RootCleanUp = { New-RootCleanUpTask }
}

function Register-Task {
    param([string]$Name)

    # Made only now: under -WhatIf New-CimInstance makes nothing.
    if ($PSCmdlet.ShouldProcess("$taskPath$Name", 'Register scheduled task')) {
        Register-ScheduledTask -TaskPath $taskPath -TaskName $Name -InputObject (& $tasks[$Name]) -Force
    }
}

function Unregister-Task {
    param([string]$Name)

    $task = Get-ScheduledTask -TaskPath $taskPath -TaskName $Name -ErrorAction Ignore
    if ($task -and $PSCmdlet.ShouldProcess("$taskPath$Name", 'Unregister scheduled task')) {
        Unregister-ScheduledTask -TaskPath $taskPath -TaskName $Name -Confirm:$false
    }
}

# What SYSTEM runs must not be others' to change: the module has the check for itself.
function Assert-OwnScript {
    $certProp = Import-Module -Name $Module -PassThru
    $scripts = foreach ($name in 'Watch.ps1', 'Roots.ps1', 'Run.ps1', 'Log.ps1') { [System.IO.Path]::Combine($PSScriptRoot, $name) }
    & $certProp { Assert-TrustedFile -Path $args } @scripts
}

if ($Unregister) {
    foreach ($name in $tasks.Keys) { Unregister-Task -Name $name }
}
else {
    Assert-OwnScript
    foreach ($name in $tasks.Keys) { Register-Task -Name $name }
}
