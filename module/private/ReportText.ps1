# Text, numbers and dates as a report shows them: the same in every culture, and nothing from outside as HTML.

# Longer text is cut: certificates may hold any amount.
$script:reportTextLength = 256
$script:reportMessageLength = 1000

function Limit-ReportText {
    param([string]$Text, [int]$Length = $script:reportTextLength)

    if ($Text.Length -le $Length) { return $Text }
    $Text.Substring(0, $Length - 1) + [char]0x2026
}

# The end of a text, as far as it fits: paths differ there.
function Limit-ReportLabel {
    param([string]$Text, [int]$Length)

    if ($Text.Length -le $Length) { return $Text }
    [char]0x2026 + $Text.Substring($Text.Length - $Length + 1)
}

# As HTML's text and attributes take it.
function ConvertTo-ReportText {
    param([string]$Text)

    [System.Net.WebUtility]::HtmlEncode((ConvertTo-VisibleText -Text $Text))
}

function Format-ReportNumber {
    param([long]$Number)

    $Number.ToString('N0', [System.Globalization.CultureInfo]::InvariantCulture)
}

function Format-ReportDate {
    param([object]$Date)

    if ($null -eq $Date) { return '' }
    $Date.ToString('yyyy-MM-dd', [System.Globalization.CultureInfo]::InvariantCulture)
}
