<#
.SYNOPSIS
Propagates the roots of the inserted cards, or takes back those of cards that are gone. For a scheduled task of SYSTEM's; README.md has
the exit codes.

.DESCRIPTION
Nothing but roots is written. Where policy cleans up on card removal (RootCertificateCleanupOption 1), roots of cards that are gone are
taken back each time.

.PARAMETER CleanUp
Takes back the roots of cards that are gone, unless policy never cleans up, and propagates nothing.

.PARAMETER Module
The module's name, or the full path of its manifest.

.PARAMETER LogPath
The full path of the log file.

.PARAMETER StorePath
The folder that holds SystemCertificates, instead of the machine's stores.
#>
[CmdletBinding()]
param(
    [switch]$CleanUp,
    [string]$Module = 'CertProp',
    [string]$LogPath,
    [string]$StorePath
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
. ([System.IO.Path]::Combine($PSScriptRoot, 'Run.ps1'))

# Of a card's certificates the plan says which are roots; only these are carried out.
function Invoke-RootPropagation {
    param([hashtable]$Place)

    Invoke-CertPropagation @Place -WhatIf -WarningAction SilentlyContinue |
        Where-Object Store -eq SmartCardRoot |
        Invoke-CertPropagation @Place
}

function Test-CleanUpNeeded {
    param([bool]$Always)

    $option = (Get-CertPropPolicy -Name RootCertificateCleanupOption).Effective
    $option -eq 'OnCardRemoval' -or ($Always -and $option -ne 'Never')
}

if (-not $LogPath) {
    # Only administrators can write there, so that nobody leads SYSTEM to another file.
    $name = if ($CleanUp) { 'RootCleanUp.log' } else { 'Roots.log' }
    $LogPath = [System.IO.Path]::Combine($env:SystemRoot, 'Logs', 'CertProp', $name)
}
$place = @{ StoreLocation = 'LocalMachine' }
if ($StorePath) { $place = @{ StorePath = $StorePath } }

New-LogFolder -LogPath $LogPath
$exitCode = Invoke-Logged -LogPath $LogPath -Module $Module -Work {
    if (-not $CleanUp) { Invoke-RootPropagation -Place $place }
    # Last, because it fails where a card can't be read.
    if (Test-CleanUpNeeded -Always $CleanUp) { Remove-PropagatedCertificate -Root -NotOnCard @place -Confirm:$false }
}
exit $exitCode
