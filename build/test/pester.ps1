# Runs the Pester tests below a folder and writes what came of each as JSON.
# Exit code 4: Pester 5 is not installed.
param(
    [Parameter(Mandatory = $true)] [string] $Path,
    [Parameter(Mandatory = $true)] [string] $ResultPath
)

$ErrorActionPreference = 'Stop'
$pester = Get-Module -ListAvailable -Name Pester |
    Where-Object { $_.Version.Major -eq 5 } |
    Sort-Object -Property Version -Descending |
    Select-Object -First 1
if (-not $pester) {
    exit 4
}
Import-Module -ModuleInfo $pester

$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Run.Exit = $false
$configuration.Output.Verbosity = 'None'
$run = Invoke-Pester -Configuration $configuration

# A test's or block's outcome; its first error says why.
function ConvertTo-Report {
    param([psobject] $Source, [string] $File, [string] $Result)

    $first = @($Source.ErrorRecord)[0]
    $report = @{ File = $File; Name = "$($Source.ExpandedPath)"; Result = $Result; Reason = ''; Place = '' }
    if ($first) {
        $report.Reason = "$($first.Exception.Message)"
        $report.Place = "$($first.ScriptStackTrace)"
    }
    $report
}

$reports = @(
    foreach ($test in $run.Tests) { ConvertTo-Report -Source $test -File $test.ScriptBlock.File -Result $test.Result }
    foreach ($block in $run.FailedBlocks) { ConvertTo-Report -Source $block -File $block.ScriptBlock.File -Result Failed }
    foreach ($container in $run.FailedContainers) { ConvertTo-Report -Source $container -File "$($container.Item)" -Result Failed }
)
ConvertTo-Json -Depth 3 -InputObject $reports | Set-Content -LiteralPath $ResultPath -Encoding utf8
