<#
.SYNOPSIS
Remediation script of a configuration item: takes leaked certificates of smart cards out of the profiles or stores, with a backup before.

.DESCRIPTION
Exit code 0: all that is leaked was removed, and everything could be read. 1: something is left or could not be read. 2: it ended early. The line
says what and why.
README.md says how to set it up, and how to put back what was removed.
#>
[CmdletBinding()]
param()

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

# --- The same in detection and remediation, from here to the line of dashes below ---
# Leaked is what came from a card and ...
# ... has expired. Mail that was encrypted for such a certificate can't be read without it.
$expired = $true
# ... belongs to another user than the profile. Only where UPNs begin with the user's name.
$foreignUser = $true
# Wider, each only if you turn it on: is on no inserted card (only with the user's own credentials, in whose session all cards can be read).
$notOnCard = $false
# ... was put there by CertProp itself.
$marked = $false
# ... was put there by CertProp more than so many days ago; 0 is off.
$olderThanDays = 0
# Folders of profiles, with wildcards. $null: for SYSTEM all profiles that Windows lists, else the user's own stores.
$profilePath = $null
# The module's name, or the full path of its manifest.
$module = 'CertProp'

# The longest line that Intune keeps, and the longest part of it, in UTF-16 units.
$lineLimit = 2048
$partLimit = 300
# As many certificates and problems are named; the others are only counted.
$namedLimit = 20
# What CertProp tells although nothing was left out because of it.
$noteTexts = @('A server keeps a copy of roaming profiles *')
if (-not $notOnCard) { $noteTexts += "The system's smart card service *", 'The system denies this user or session the use of *', 'The PC/SC library *' }

function New-Finding {
    @{
        # Why the work ended early.
        Failure  = @()
        # How many certificates, by what they are.
        Counts   = [ordered]@{}
        Names    = [System.Collections.Generic.List[string]]::new()
        Problems = 0
        # What was told, each once.
        Texts    = [System.Collections.Generic.HashSet[string]]::new()
    }
}

function Import-CertProp {
    if ([System.Environment]::Is64BitOperatingSystem -and -not [System.Environment]::Is64BitProcess) {
        throw 'This is the 32-bit PowerShell of a 64-bit Windows, which does not find the module: let the script run in the 64-bit one.'
    }
    try { Import-Module -Name $module -Verbose:$false }
    catch { throw "The module CertProp could not be loaded ($($_.Exception.Message)): install it for the machine." }
}

function Get-Place {
    if ($profilePath) { return @{ ProfilePath = $profilePath } }
    if ([System.Security.Principal.WindowsIdentity]::GetCurrent().IsSystem) { return @{ AllProfiles = $true } }
    @{ StoreName = 'My', 'Request' }
}

# What is leaked: how a certificate is known for it, and how Remove-PropagatedCertificate selects it.
function Get-LeakKind {
    param([hashtable]$Place)

    $oldest = [datetime]::Now.AddDays(-$olderThanDays)
    $kinds = @(
        @{ Name = 'expired'; IsOn = $expired; Test = { $_.IsExpired }; Selection = @{ Expired = $true } }
        @{ Name = "another user's"; IsOn = $foreignUser; Test = { $_.IsForeignUser }; Selection = @{ ForeignUser = $true } }
        @{ Name = 'on no card'; IsOn = $notOnCard -and $Place.ContainsKey('StoreName'); Test = { $_.IsOnCard -eq $false }; Selection = @{ NotOnCard = $true } }
        @{ Name = "CertProp's"; IsOn = $marked; Test = { $_.Evidence -eq 'Mark' }; Selection = @{ Evidence = 'Mark' } }
        @{ Name = 'old'; IsOn = $olderThanDays -gt 0; Test = { $_.PropagatedAt -and $_.PropagatedAt -lt $oldest }.GetNewClosure(); Selection = @{ OlderThan = $olderThanDays } }
    )
    $kinds | Where-Object { $_.IsOn }
}

function Add-Name {
    param([hashtable]$Finding, [psobject]$Certificate, [string]$Remark)

    if ($Finding.Names.Count -lt $namedLimit) { $Finding.Names.Add("$(Get-CertificateName -Certificate $Certificate): $Remark") }
}

function Add-Count {
    param([hashtable]$Finding, [string]$What)

    $Finding.Counts[$What] = 1 + [int]$Finding.Counts[$What]
}

# Of a certificate, or of the result of its removal. The thumbprint stands first: what follows may be cut.
function Get-CertificateName {
    param([psobject]$Certificate)

    $name = "$($Certificate.Thumbprint) $(Limit-Text -Text $Certificate.Subject -Length 100)"
    if ($Certificate.ProfilePath) { $name += " in $(Limit-Text -Text $Certificate.ProfilePath -Length 100)" }
    $name
}

function Test-Problem {
    param([psobject]$Item)

    $Item -is [System.Management.Automation.ErrorRecord] -or $Item -is [System.Management.Automation.WarningRecord]
}

function Add-Problem {
    param([hashtable]$Finding, [psobject]$Item)

    if ($Finding.Texts.Add("$Item") -and -not (Test-Note -Item $Item)) { $Finding.Problems++ }
}

function Test-Note {
    param([psobject]$Item)

    if (@($noteTexts | Where-Object { "$Item" -like $_ }).Count -gt 0) { return $true }
    # A card that can't be read matters only to what is on no card.
    -not $notOnCard -and $Item -is [System.Management.Automation.ErrorRecord] -and $Item.Exception.Data.Contains('readerName')
}

function Add-Failure {
    param([hashtable]$Finding, [System.Management.Automation.ErrorRecord]$ErrorRecord)

    $Finding.Problems++
    $Finding.Failure = @("Ended early: $ErrorRecord")
}

# No control characters and no bidirectional ones, and no half of a surrogate pair at the end.
function Limit-Text {
    param([string]$Text, [int]$Length)

    $safe = $Text -replace '[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]', '?'
    if ($safe.Length -le $Length) { return $safe }
    $cut = $Length - 3
    if ([char]::IsHighSurrogate($safe[$cut - 1])) { $cut-- }
    $safe.Substring(0, $cut) + '...'
}

# After the given sentence the counts, as '2 expired', and the problems.
function Get-CountText {
    param([hashtable]$Finding, [string]$Text)

    $counts = @(foreach ($what in $Finding.Counts.Keys) { "$($Finding.Counts[$what]) $what" })
    if ($counts.Count -gt 0) { $Text += " ($($counts -join ', '))" }
    if ($Finding.Problems -gt 0) { $Text += "; problems: $($Finding.Problems)" }
    "$Text."
}

# One line: as many of the parts as fit, problems before certificates.
function Join-Line {
    param([hashtable]$Finding, [string[]]$Part)

    $more = ' | ...'
    $line = ''
    foreach ($one in $Finding.Failure + $Part + @($Finding.Texts | Select-Object -First $namedLimit) + $Finding.Names) {
        $next = Limit-Text -Text $one -Length $partLimit
        if ($line) { $next = "$line | $next" }
        if ($next.Length + $more.Length -gt $lineLimit) { return $line + $more }
        $line = $next
    }
    $line
}
# ------------------------------------------------------------------------------------

# $null: CertProp\Backup in ProgramData or, without administrator's rights, in the user's local application data.
$backupPath = $null

function Get-BackupPath {
    if ($backupPath) { return $backupPath }
    $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
    $folder = 'LocalApplicationData'
    if ([System.Security.Principal.WindowsPrincipal]::new($identity).IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)) {
        $folder = 'CommonApplicationData'
    }
    [System.IO.Path]::Combine([System.Environment]::GetFolderPath($folder), 'CertProp', 'Backup')
}

function Remove-LeakedCertificate {
    param([hashtable]$Finding)

    $place = Get-Place
    $removal = @{ BackupPath = Get-BackupPath; Confirm = $false; ErrorAction = 'Continue' }
    foreach ($kind in Get-LeakKind -Place $place) {
        $selection = $kind.Selection
        Remove-PropagatedCertificate @place @selection @removal 2>&1 3>&1 | ForEach-Object {
            if (Test-Problem -Item $_) { Add-Problem -Finding $Finding -Item $_ }
            else { Add-Result -Finding $Finding -Result $_ -KindName $kind.Name }
        }
    }
}

function Add-Result {
    param([hashtable]$Finding, [psobject]$Result, [string]$KindName)

    if ($Result.BackupPath) { $null = $tally.Backups.Add($Result.BackupPath) }
    if ($Result.Action -eq 'Removed') {
        $tally.Removed++
        Add-Count -Finding $Finding -What $KindName
        Add-Name -Finding $Finding -Certificate $Result -Remark $KindName
    }
    # What somebody else took out at the same moment is gone, too.
    elseif ($Result.Reason -ne 'NotFound') { Add-Problem -Finding $Finding -Item "Left: $(Get-CertificateName -Certificate $Result): $($Result.Reason)" }
}

$finding = New-Finding
$tally = @{ Removed = 0; Backups = [System.Collections.Generic.HashSet[string]]::new() }
try {
    Import-CertProp
    Remove-LeakedCertificate -Finding $finding
}
catch { Add-Failure -Finding $finding -ErrorRecord $_ }

$parts = @(Get-CountText -Finding $finding -Text "Removed: $($tally.Removed)")
if ($tally.Backups.Count -gt 0) { $parts += "Backup: $($tally.Backups -join ', ')" }
Join-Line -Finding $finding -Part $parts
if ($finding.Failure) { exit 2 }
if ($finding.Problems -gt 0) { exit 1 }
exit 0
