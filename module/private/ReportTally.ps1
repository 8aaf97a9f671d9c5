# What a report says, counted while the certificates pass by. Memory grows with profiles, cards and pairs of them, not with certificates.

# As many certificates, cards and messages as a report lists one by one; the others are only counted.
$script:reportLimits = @{ Certificates = 500; Cards = 100; Failures = 100 }

# Of the certificates' ages since they were issued, in days; where one ends the next one begins.
$script:reportAges = @(
    @{ Label = 'under 1 month'; Below = 30 }
    @{ Label = '1 to 3 months'; Below = 91 }
    @{ Label = '3 to 6 months'; Below = 182 }
    @{ Label = '6 to 12 months'; Below = 365 }
    @{ Label = '1 to 2 years'; Below = 730 }
    @{ Label = '2 to 3 years'; Below = 1095 }
    @{ Label = '3 to 5 years'; Below = 1826 }
    @{ Label = '5 years or more'; Below = [double]::PositiveInfinity }
)

function New-ReportTally {
    [pscustomobject]@{
        Made         = [System.DateTimeOffset]::Now
        Certificates = 0
        Expired      = 0
        ForeignUser  = 0
        NotOnCard    = 0
        CardUnknown  = 0
        Stale        = 0
        WithoutCard  = 0
        WithFinding  = 0
        Places       = [System.Collections.Generic.Dictionary[string, object]]::new([System.StringComparer]::Ordinal)
        Cards        = [System.Collections.Generic.Dictionary[string, object]]::new([System.StringComparer]::Ordinal)
        Ages         = @(foreach ($age in $script:reportAges) { [pscustomobject]@{ Label = $age.Label; Below = $age.Below; Certificates = 0; Expired = 0 } })
        Listed       = [System.Collections.Generic.List[object]]::new()
        Failures     = [System.Collections.Generic.List[string]]::new()
        FailureCount = 0
    }
}

# Whether an object is a CertProp.PropagatedCertificate, from this session or another one.
function Test-ReportCertificate {
    param([psobject]$InputObject)

    $names = $InputObject.PSObject.TypeNames
    $names -contains 'CertProp.PropagatedCertificate' -or $names -contains 'Deserialized.CertProp.PropagatedCertificate'
}

function Add-ReportCertificate {
    param([psobject]$Tally, [psobject]$Certificate)

    $place = Get-ReportPlace -Certificate $Certificate
    $findings = @(Get-CertificateFinding -Certificate $Certificate)
    Add-ReportTotal -Tally $Tally -Certificate $Certificate
    Add-ReportAge -Tally $Tally -Certificate $Certificate
    Add-ReportPlace -Tally $Tally -Certificate $Certificate -Place $place
    Add-ReportCard -Tally $Tally -Certificate $Certificate -Place $place
    if ($findings.Count -eq 0) { return }
    $Tally.WithFinding++
    if ($Tally.Listed.Count -lt $script:reportLimits.Certificates) {
        $Tally.Listed.Add((New-ReportListing -Certificate $Certificate -Place $place -Finding $findings))
    }
}

# An error or warning that Get-PropagatedCertificate wrote; nothing where an object is neither.
function Get-ReportFailure {
    param([psobject]$InputObject)

    if ($InputObject -is [System.Management.Automation.ErrorRecord]) { return $InputObject.Exception.Message }
    if ($InputObject -is [System.Management.Automation.WarningRecord]) { return $InputObject.Message }
}

function Add-ReportFailure {
    param([psobject]$Tally, [string]$Message)

    $Tally.FailureCount++
    if ($Tally.Failures.Count -lt $script:reportLimits.Failures) {
        $Tally.Failures.Add((Limit-ReportText -Text $Message -Length $script:reportMessageLength))
    }
}

# The profile, or else the store, in which a certificate lies; with its computer if the object came from another one.
function Get-ReportPlace {
    param([psobject]$Certificate)

    $place = $Certificate.ProfilePath
    if (-not $place) { $place = $Certificate.StorePath }
    if (-not $place) { $place = "$($Certificate.StoreLocation)\$($Certificate.StoreName)" }
    $computer = $Certificate.PSObject.Properties['PSComputerName']
    if ($computer) { $place = "$($computer.Value): $place" }
    Limit-ReportText -Text $place
}

function Get-CertificateFinding {
    param([psobject]$Certificate)

    if ($Certificate.IsExpired) { 'expired' }
    if ($Certificate.IsForeignUser) { 'another user''s' }
    if ($Certificate.IsOnCard -eq $false) { 'on no inserted card' }
    if ($Certificate.LinkState -eq 'Stale') { 'stale link' }
}

function Add-ReportTotal {
    param([psobject]$Tally, [psobject]$Certificate)

    Add-ReportCount -Count $Tally -Certificate $Certificate
    if ($null -eq $Certificate.IsOnCard) { $Tally.CardUnknown++ }
}

# What is counted of all certificates, and of those of each place.
function Add-ReportCount {
    param([psobject]$Count, [psobject]$Certificate)

    $Count.Certificates++
    if ($Certificate.IsExpired) { $Count.Expired++ }
    if ($Certificate.IsForeignUser) { $Count.ForeignUser++ }
    if ($Certificate.IsOnCard -eq $false) { $Count.NotOnCard++ }
    if ($Certificate.LinkState -eq 'Stale') { $Count.Stale++ }
}

function Add-ReportAge {
    param([psobject]$Tally, [psobject]$Certificate)

    $days = ($Tally.Made.LocalDateTime - $Certificate.NotBefore).TotalDays
    foreach ($age in $Tally.Ages) {
        if ($days -ge $age.Below) { continue }
        $age.Certificates++
        if ($Certificate.IsExpired) { $age.Expired++ }
        return
    }
}

function Add-ReportPlace {
    param([psobject]$Tally, [psobject]$Certificate, [string]$Place)

    if (-not $Tally.Places.ContainsKey($Place)) {
        $user = Limit-ReportText -Text $Certificate.ProfileUser
        $Tally.Places[$Place] = [pscustomobject]@{ Name = $Place; User = $user; Certificates = 0; Expired = 0; ForeignUser = 0; NotOnCard = 0; Stale = 0 }
    }
    Add-ReportCount -Count $Tally.Places[$Place] -Certificate $Certificate
}

function Add-ReportCard {
    param([psobject]$Tally, [psobject]$Certificate, [string]$Place)

    if (-not $Certificate.CardId) {
        $Tally.WithoutCard++
        return
    }
    $id = Limit-ReportText -Text $Certificate.CardId
    if (-not $Tally.Cards.ContainsKey($id)) {
        $places = [System.Collections.Generic.HashSet[string]]::new([System.StringComparer]::Ordinal)
        $Tally.Cards[$id] = [pscustomobject]@{ Id = $id; ReaderName = $null; Certificates = 0; Places = $places; PropagatedAt = $null }
    }
    $card = $Tally.Cards[$id]
    $card.Certificates++
    $null = $card.Places.Add($Place)
    if ($null -eq $card.PropagatedAt -or $Certificate.PropagatedAt -gt $card.PropagatedAt) {
        $card.PropagatedAt = $Certificate.PropagatedAt
        $card.ReaderName = Limit-ReportText -Text $Certificate.ReaderName
    }
}

function New-ReportListing {
    param([psobject]$Certificate, [string]$Place, [string[]]$Finding)

    [pscustomobject]@{
        Subject      = Limit-ReportText -Text $Certificate.Subject
        Thumbprint   = Limit-ReportText -Text $Certificate.Thumbprint
        Upn          = Limit-ReportText -Text $Certificate.Upn
        Place        = $Place
        NotAfter     = $Certificate.NotAfter
        PropagatedAt = $Certificate.PropagatedAt
        Finding      = $Finding -join ', '
    }
}
