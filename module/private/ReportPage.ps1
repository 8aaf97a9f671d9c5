# The report as one HTML page, line by line, well-formed as XML too. Nothing in it runs or is loaded from elsewhere, and its policy forbids both.

# The bars of the plot of profiles.
$script:reportBars = 20

function Get-ReportPage {
    param([psobject]$Tally, [string]$Version)

    Get-ReportHead -Tally $Tally -Version $Version
    if ($Tally.Certificates -eq 0) {
        '<p>Nothing was found: no certificate that came from a smart card.</p>'
        Get-ReportFailureSection -Tally $Tally
    }
    else {
        $order = @{ Expression = 'Certificates'; Descending = $true }, 'Name'
        $places = @($Tally.Places.Values | Sort-Object -Property $order)
        Get-ReportTotalSection -Tally $Tally
        Get-ReportFindingSection -Tally $Tally
        Get-ReportFailureSection -Tally $Tally
        Get-ReportPlotSection -Tally $Tally -Place $places
        Get-ReportPlaceSection -Place $places
        Get-ReportCardSection -Tally $Tally
        Get-ReportListSection -Tally $Tally
    }
    '</main>'
    '</body>'
    '</html>'
}

function Get-ReportHead {
    param([psobject]$Tally, [string]$Version)

    $made = $Tally.Made.ToString('yyyy-MM-dd HH:mm zzz', [System.Globalization.CultureInfo]::InvariantCulture)
    $computer = ConvertTo-ReportText -Text ([System.Environment]::MachineName)
    '<!DOCTYPE html>'
    '<html lang="en">'
    '<head>'
    '<meta charset="utf-8"/>'
    '<meta http-equiv="Content-Security-Policy" content="default-src ''none''; style-src ''unsafe-inline''; base-uri ''none''; form-action ''none''"/>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
    '<meta name="color-scheme" content="light dark"/>'
    "<title>Smart card certificates in profiles, $(Format-ReportDate -Date $Tally.Made)</title>"
    "<style>$script:reportStyle</style>"
    '</head>'
    '<body>'
    '<main>'
    '<h1>Smart card certificates in profiles</h1>'
    "<p class=""made"">Made $made on $computer by CertProp $(ConvertTo-ReportText -Text $Version)</p>"
}

function Get-ReportTotalSection {
    param([psobject]$Tally)

    '<dl class="totals">'
    Get-ReportTotal -Name 'certificates' -Number $Tally.Certificates
    Get-ReportTotal -Name 'with a finding' -Number $Tally.WithFinding
    Get-ReportTotal -Name 'profiles or stores' -Number $Tally.Places.Count
    Get-ReportTotal -Name 'cards known by id' -Number $Tally.Cards.Count
    '</dl>'
}

function Get-ReportTotal {
    param([string]$Name, [long]$Number)

    "<div><dt>$Name</dt><dd>$(Format-ReportNumber -Number $Number)</dd></div>"
}

function Get-ReportFindingSection {
    param([psobject]$Tally)

    $wandering = @($Tally.Cards.Values | Where-Object { $_.Places.Count -gt 1 }).Count
    '<h2>Findings</h2>'
    '<ul class="findings">'
    Get-ReportFinding -Number $Tally.Expired -Text 'expired' -Advice 'Remove-PropagatedCertificate -Expired'
    Get-ReportFinding -Number $Tally.ForeignUser -Text 'of another user than the profile''s' -Advice 'Remove-PropagatedCertificate -ForeignUser'
    Get-ReportFinding -Number $Tally.NotOnCard -Text 'on no inserted card' -Advice 'Remove-PropagatedCertificate -NotOnCard'
    Get-ReportFinding -Number $Tally.Stale -Text 'with a stale link: the card keeps the key in another container' -Advice 'Invoke-CertPropagation'
    Get-ReportFinding -Number $wandering -Text "of $(Format-ReportNumber -Number $Tally.Cards.Count) cards with certificates in more than one profile"
    Get-ReportFinding -Number $Tally.CardUnknown -Text 'on a card or not: not every reader of their user could be seen and read'
    Get-ReportFinding -Number $Tally.WithoutCard -Text 'without CertProp''s mark, such as those that Windows put there: their card is not known'
    '</ul>'
}

function Get-ReportFinding {
    param([long]$Number, [string]$Text, [string]$Advice)

    $strong = "<strong>$(Format-ReportNumber -Number $Number)</strong>"
    if ($Number -eq 0) { return "<li class=""none"">$strong <span>$Text</span></li>" }
    if ($Advice) { $Text += " <code>$Advice</code>" }
    "<li>$strong <span>$Text</span></li>"
}

function Get-ReportFailureSection {
    param([psobject]$Tally)

    if ($Tally.FailureCount -eq 0) { return }
    '<h2>Warnings and errors</h2>'
    Get-ReportExtent -Shown $Tally.Failures.Count -All $Tally.FailureCount -Rest 'messages'
    '<ul class="failures">'
    foreach ($message in $Tally.Failures) { "<li>$(ConvertTo-ReportText -Text $message)</li>" }
    '</ul>'
}

# Says so where a list isn't complete.
function Get-ReportExtent {
    param([long]$Shown, [long]$All, [string]$Rest)

    if ($Shown -lt $All) { "<p>$(Format-ReportNumber -Number $Shown) of $(Format-ReportNumber -Number $All) $Rest.</p>" }
}

function Get-ReportPlotSection {
    param([psobject]$Tally, [object[]]$Place)

    $properties = @{ Name = 'Label'; Expression = 'Name' }, 'Certificates', 'Expired'
    $bars = @($Place | Select-Object -First $script:reportBars -Property $properties)
    '<section>'
    '<h2>Certificates by profile</h2>'
    Get-ReportExtent -Shown $bars.Count -All $Place.Count -Rest 'profiles or stores, those with the most certificates'
    Get-ReportPlot -Id 'by-profile' -Title 'Certificates by profile' -Bar $bars
    '</section>'
    '<section>'
    '<h2>Certificates by age</h2>'
    '<p>Since each was issued.</p>'
    Get-ReportPlot -Id 'by-age' -Title 'Certificates by age since they were issued' -Bar $Tally.Ages
    '</section>'
}

function Get-ReportPlaceSection {
    param([object[]]$Place)

    '<h2>Profiles</h2>'
    '<p>Those in which nothing was found are not listed.</p>'
    $columns = 'Profile or store', 'User', '#Certificates', '#Expired', '#Another user''s', '#On no inserted card', '#Stale link'
    $Place | ForEach-Object {
        $numbers = $_.Certificates, $_.Expired, $_.ForeignUser, $_.NotOnCard, $_.Stale | ForEach-Object { Format-ReportNumber -Number $_ }
        , (@($_.Name, $_.User) + $numbers)
    } | ConvertTo-ReportTable -Id 'profiles' -Column $columns
}

function Get-ReportCardSection {
    param([psobject]$Tally)

    if ($Tally.Cards.Count -eq 0) { return }
    $order = @{ Expression = { $_.Places.Count }; Descending = $true }, @{ Expression = 'Certificates'; Descending = $true }, 'Id'
    $cards = @($Tally.Cards.Values | Sort-Object -Property $order | Select-Object -First $script:reportLimits.Cards)
    '<h2>Cards</h2>'
    Get-ReportExtent -Shown $cards.Count -All $Tally.Cards.Count -Rest 'cards, those in the most profiles'
    $cards | ForEach-Object {
        $numbers = $_.Places.Count, $_.Certificates | ForEach-Object { Format-ReportNumber -Number $_ }
        , (@($_.Id, $_.ReaderName) + $numbers + (Format-ReportDate -Date $_.PropagatedAt))
    } | ConvertTo-ReportTable -Id 'cards' -Column 'Card', 'Last in the reader', '#Profiles or stores', '#Certificates', 'Last copied'
}

function Get-ReportListSection {
    param([psobject]$Tally)

    if ($Tally.WithFinding -eq 0) { return }
    '<h2>Certificates with a finding</h2>'
    Get-ReportExtent -Shown $Tally.Listed.Count -All $Tally.WithFinding -Rest 'certificates; Get-PropagatedCertificate lists all'
    $Tally.Listed | ForEach-Object {
        , @($_.Subject, $_.Upn, $_.Place, (Format-ReportDate -Date $_.NotAfter), (Format-ReportDate -Date $_.PropagatedAt), $_.Finding, $_.Thumbprint)
    } | ConvertTo-ReportTable -Id 'certificates' -Column 'Subject', 'UPN', 'Profile or store', 'Valid until', 'Copied', 'Finding', 'Thumbprint'
}

# Each row comes as an array of plain text, a cell for each column. The columns whose titles begin with # hold numbers.
function ConvertTo-ReportTable {
    param([string]$Id, [string[]]$Column, [Parameter(ValueFromPipeline)][string[]]$Row)

    begin {
        $classes = @(foreach ($title in $Column) { if ($title.StartsWith('#')) { ' class="number"' } else { '' } })
        "<div class=""wide""><table id=""$Id"">"
        $heads = for ($index = 0; $index -lt $Column.Count; $index++) {
            "<th scope=""col""$($classes[$index])>$(ConvertTo-ReportText -Text $Column[$index].TrimStart('#'))</th>"
        }
        "<thead><tr>$(-join $heads)</tr></thead>"
        '<tbody>'
    }

    process {
        $cells = for ($index = 0; $index -lt $Row.Count; $index++) {
            "<td$($classes[$index])>$(ConvertTo-ReportText -Text $Row[$index])</td>"
        }
        "<tr>$(-join $cells)</tr>"
    }

    end { '</tbody></table></div>' }
}
