<#
.SYNOPSIS
Starts the watch from a login script, where there is no scheduled task. Returns at once, and its exit code is always 0.
#>
[CmdletBinding()]
param(
    [string]$Module = 'CertProp',
    [string]$LogPath,
    [string]$StorePath,
    [switch]$RemoveOnCardRemoval
)

Set-StrictMode -Version Latest

function ConvertTo-Argument {
    param([System.Collections.IDictionary]$Given)

    foreach ($name in $Given.Keys) {
        if ($Given[$name] -is [switch]) { "-$name" }
        else { '-{0} "{1}"' -f $name, $Given[$name] }
    }
}

# Through the shell, because a child that inherits the handles of the login script keeps who reads its output waiting.
function Start-Watch {
    param([string]$Argument)

    $start = [System.Diagnostics.ProcessStartInfo]::new((Get-Process -Id $PID).Path)
    $start.Arguments = $Argument
    $start.UseShellExecute = $true
    $start.WindowStyle = [System.Diagnostics.ProcessWindowStyle]::Hidden
    $null = [System.Diagnostics.Process]::Start($start)
}

try {
    $script = [System.IO.Path]::Combine($PSScriptRoot, 'Watch.ps1')
    Start-Watch -Argument "-NoProfile -NonInteractive -File ""$script"" $(ConvertTo-Argument -Given $PSBoundParameters)"
}
catch {
    # Nobody may be kept from signing in.
    Write-Warning -Message "CertProp does not watch for cards: $($_.Exception.Message)"
}
exit 0
