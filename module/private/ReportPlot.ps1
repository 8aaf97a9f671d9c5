# Plots as inline SVG: horizontal bars, of which a part is expired. Readable without color: each bar has its numbers beside it.

# In units of the drawing, which is scaled to the page.
$script:plot = @{ Width = 820; Left = 260; Bar = 370; Row = 26; Top = 34 }
$script:plotLabelLength = 36

# Bars have a Label, and the numbers Certificates and Expired. The id is unique on the page.
function Get-ReportPlot {
    param([string]$Id, [string]$Title, [object[]]$Bar)

    $height = $script:plot.Top + $Bar.Count * $script:plot.Row
    $most = ($Bar | Measure-Object -Property Certificates -Maximum).Maximum
    "<svg class=""plot"" viewBox=""0 0 $($script:plot.Width) $height"" role=""img"" aria-labelledby=""$Id-title $Id-text"">"
    "<title id=""$Id-title"">$(ConvertTo-ReportText -Text $Title)</title>"
    "<desc id=""$Id-text"">$(ConvertTo-ReportText -Text (($Bar | ForEach-Object { Get-BarText -Bar $_ }) -join '; '))</desc>"
    Get-PlotLegend
    for ($index = 0; $index -lt $Bar.Count; $index++) {
        Get-PlotBar -Bar $Bar[$index] -Top ($script:plot.Top + $index * $script:plot.Row) -Most ([System.Math]::Max($most, 1))
    }
    '</svg>'
}

function Get-BarText {
    param([psobject]$Bar)

    $text = "$($Bar.Label): $(Format-ReportNumber -Number $Bar.Certificates)"
    if ($Bar.Expired -gt 0) { $text += ", $(Format-ReportNumber -Number $Bar.Expired) of them expired" }
    $text
}

function Get-PlotLegend {
    $left = $script:plot.Left
    "<rect class=""valid"" x=""$left"" y=""4"" width=""14"" height=""14""/><text x=""$($left + 20)"" y=""16"">not expired</text>"
    "<rect class=""expired"" x=""$($left + 120)"" y=""4"" width=""14"" height=""14""/><text x=""$($left + 140)"" y=""16"">expired</text>"
}

function Get-PlotBar {
    param([psobject]$Bar, [int]$Top, [long]$Most)

    $left = $script:plot.Left
    $valid = $script:plot.Bar * ($Bar.Certificates - $Bar.Expired) / $Most
    $expired = $script:plot.Bar * $Bar.Expired / $Most
    $label = ConvertTo-ReportText -Text (Limit-ReportLabel -Text (ConvertTo-VisibleText -Text $Bar.Label) -Length $script:plotLabelLength)
    $value = Format-ReportNumber -Number $Bar.Certificates
    if ($Bar.Expired -gt 0) { $value += " ($(Format-ReportNumber -Number $Bar.Expired) expired)" }
    "<g class=""bar""><title>$(ConvertTo-ReportText -Text (Get-BarText -Bar $Bar))</title>"
    "<text class=""label"" x=""$($left - 8)"" y=""$($Top + 15)"">$label</text>"
    Get-BarPart -Class valid -Left $left -Top $Top -Width $valid
    Get-BarPart -Class expired -Left ($left + $valid) -Top $Top -Width $expired
    "<text x=""$(Format-Coordinate -Number ($left + $valid + $expired + 8))"" y=""$($Top + 15)"">$value</text></g>"
}

function Get-BarPart {
    param([string]$Class, [double]$Left, [int]$Top, [double]$Width)

    if ($Width -eq 0) { return }
    "<rect class=""$Class"" x=""$(Format-Coordinate -Number $Left)"" y=""$Top"" width=""$(Format-Coordinate -Number $Width)"" height=""20""/>"
}

function Format-Coordinate {
    param([double]$Number)

    $Number.ToString('0.##', [System.Globalization.CultureInfo]::InvariantCulture)
}
