# Runs commands of CertProp's for a scheduled task: what they say goes to the log, what became of them is the exit code.
. ([System.IO.Path]::Combine($PSScriptRoot, 'Log.ps1'))

# 1 is PowerShell's own: the script itself could not run.
$script:exitCodes = @{ Done = 0; ModuleNotLoaded = 2; EngineFailed = 3; Incomplete = 4 }

$script:engineErrors = @(
    'EngineMissing', 'EngineNotStarted', 'EngineEnded', 'EngineProtocol', 'EngineLate', 'NodeNotFound', 'NodeTooOld', 'FileNotTrusted'
)

# Gives the exit code.
function Invoke-Logged {
    param([string]$LogPath, [string]$Module, [scriptblock]$Work)

    Write-Log -LogPath $LogPath -Text "Started, process $PID."
    $exitCode = Get-ExitCode -LogPath $LogPath -Module $Module -Work $Work
    Write-Log -LogPath $LogPath -Text "Ended with exit code $exitCode."
    $exitCode
}

function Get-ExitCode {
    param([string]$LogPath, [string]$Module, [scriptblock]$Work)

    try {
        Import-Module -Name $Module -ErrorAction Stop -Verbose:$false
    }
    catch {
        Write-Log -LogPath $LogPath -Text (Get-LogText -Item $_)
        return $script:exitCodes.ModuleNotLoaded
    }
    $exitCode = $script:exitCodes.Done
    # What goes wrong with one card doesn't stop the others.
    $ErrorActionPreference = 'Continue'
    try {
        & $Work 2>&1 3>&1 4>&1 | ForEach-Object {
            Write-Log -LogPath $LogPath -Text (Get-LogText -Item $_)
            if ($_ -is [System.Management.Automation.ErrorRecord]) { $exitCode = Get-FailureCode -ErrorRecord $_ }
        }
    }
    catch {
        Write-Log -LogPath $LogPath -Text (Get-LogText -Item $_)
        $exitCode = Get-FailureCode -ErrorRecord $_
    }
    $exitCode
}

function Get-FailureCode {
    param([System.Management.Automation.ErrorRecord]$ErrorRecord)

    $id = ($ErrorRecord.FullyQualifiedErrorId -split ',')[0]
    if ($id -in $script:engineErrors) { return $script:exitCodes.EngineFailed }
    $script:exitCodes.Incomplete
}
