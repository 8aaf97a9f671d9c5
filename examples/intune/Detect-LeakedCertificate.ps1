<#
.SYNOPSIS
Intune's detection script: are there leaked certificates of smart cards? Changes nothing.

.DESCRIPTION
Exit code 0: none, and everything could be read. 1: there are some, and Intune runs the remediation. 2: not known, the line says why.
The last line of output is what Intune shows. README.md says how to set it up.
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

$number = @{ FromCards = 0; Leaked = 0 }

# Counts the certificates from cards, and those of them that are leaked.
function Find-LeakedCertificate {
    param([hashtable]$Finding)

    $place = Get-Place
    $kinds = @(Get-LeakKind -Place $place)
    Get-PropagatedCertificate @place -ErrorAction Continue 2>&1 3>&1 | ForEach-Object {
        if (Test-Problem -Item $_) { Add-Problem -Finding $Finding -Item $_ }
        else { Add-Certificate -Finding $Finding -Certificate $_ -Kind $kinds }
    }
}

function Add-Certificate {
    param([hashtable]$Finding, [psobject]$Certificate, [hashtable[]]$Kind)

    $number.FromCards++
    $names = @($Kind | Where-Object { $Certificate | Where-Object -FilterScript $_.Test } | ForEach-Object { $_.Name })
    if ($names.Count -eq 0) { return }
    $number.Leaked++
    foreach ($name in $names) { Add-Count -Finding $Finding -What $name }
    Add-Name -Finding $Finding -Certificate $Certificate -Remark ($names -join ', ')
}

$finding = New-Finding
try {
    Import-CertProp
    Find-LeakedCertificate -Finding $finding
}
catch { Add-Failure -Finding $finding -ErrorRecord $_ }

Join-Line -Finding $finding -Part (Get-CountText -Finding $finding -Text "Leaked: $($number.Leaked) of $($number.FromCards) certificates from cards")
if ($number.Leaked -gt 0) { exit 1 }
if ($finding.Problems -gt 0) { exit 2 }
exit 0
