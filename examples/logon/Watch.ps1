<#
.SYNOPSIS
Propagates the user's cards from sign-in to sign-out. For a scheduled task or a login script; README.md has the exit codes.

.PARAMETER Module
The module's name, or the full path of its manifest.

.PARAMETER LogPath
The full path of the log file.

.PARAMETER StorePath
The folder that holds SystemCertificates, instead of the user's own stores.

.PARAMETER RemoveOnCardRemoval
Takes the certificates out of the store when their card is removed.

.PARAMETER Timeout
Ends after so many seconds. Without it, the watch ends with the session.
#>
[CmdletBinding()]
param(
    [string]$Module = 'CertProp',
    [string]$LogPath = [System.IO.Path]::Combine([System.Environment]::GetFolderPath('LocalApplicationData'), 'CertProp', 'Watch.log'),
    [string]$StorePath,
    [switch]$RemoveOnCardRemoval,
    [int]$Timeout
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
. ([System.IO.Path]::Combine($PSScriptRoot, 'Run.ps1'))

# One watch is enough for a session, whoever started it. The lock goes with its process; nothing if there is a watch already.
function Open-SessionLock {
    param([string]$LogPath)

    $session = [System.Diagnostics.Process]::GetCurrentProcess().SessionId
    $path = [System.IO.Path]::ChangeExtension($LogPath, "$session.lock")
    try {
        [System.IO.File]::Open($path, [System.IO.FileMode]::OpenOrCreate, [System.IO.FileAccess]::Write, [System.IO.FileShare]::None)
    }
    catch [System.IO.IOException] {
        Write-Log -LogPath $LogPath -Text "Process $PID is not needed: session $session is watched already."
    }
}

New-LogFolder -LogPath $LogPath
$lock = Open-SessionLock -LogPath $LogPath
if ($null -eq $lock) { exit 0 }

$watch = @{ RemoveOnCardRemoval = $RemoveOnCardRemoval }
if ($StorePath) { $watch.StorePath = $StorePath }
if ($Timeout) { $watch.Timeout = $Timeout }
$exitCode = Invoke-Logged -LogPath $LogPath -Module $Module -Work { Watch-CertPropagation @watch }
$lock.Dispose()
exit $exitCode
