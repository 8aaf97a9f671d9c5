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

$tests = foreach ($test in $run.Tests) {
    @{
        File = $test.ScriptBlock.File
        Name = $test.ExpandedPath
        Result = $test.Result
        Reason = [string] ($test.ErrorRecord | Select-Object -First 1 | ForEach-Object { $_.Exception.Message })
        Place = [string] ($test.ErrorRecord | Select-Object -First 1 | ForEach-Object { $_.ScriptStackTrace })
    }
}
$brokenBlocks = foreach ($block in @($run.FailedBlocks) + @($run.FailedContainers)) {
    @{
        File = [string] $block.Item
        Name = [string] $block.ExpandedPath
        Result = 'Failed'
        Reason = [string] ($block.ErrorRecord | Select-Object -First 1 | ForEach-Object { $_.Exception.Message })
        Place = [string] ($block.ErrorRecord | Select-Object -First 1 | ForEach-Object { $_.ScriptStackTrace })
    }
}
ConvertTo-Json -Depth 3 -InputObject @(@($tests) + @($brokenBlocks) | Where-Object { $_ }) |
    Set-Content -LiteralPath $ResultPath -Encoding utf8
