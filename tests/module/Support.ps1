# Shared by the module's tests: dot-source it in BeforeAll.

$script:moduleSource = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'module'))
$script:fakeEngine = [System.IO.Path]::Combine($PSScriptRoot, 'fixtures', 'fake-engine.cjs')

# A copy of the module with the fake engine. Gives its folder; 'Stop-ModuleCopy' removes it.
function New-ModuleCopy {
    $folder = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), "certprop-$([guid]::NewGuid().ToString('N'))", 'CertProp')
    $null = New-Item -ItemType Directory -Path ([System.IO.Path]::Combine($folder, 'engine'))
    Get-ChildItem -LiteralPath $script:moduleSource | Where-Object Name -ne 'engine' |
        Copy-Item -Destination $folder -Recurse
    Copy-Item -LiteralPath $script:fakeEngine -Destination ([System.IO.Path]::Combine($folder, 'engine', 'certprop.cjs'))
    $folder
}

# Imports a copy in this runspace in place of any other.
function Import-ModuleCopy {
    param([string]$Folder)

    Remove-Module -Name CertProp -Force -ErrorAction Ignore
    Import-Module -Name ([System.IO.Path]::Combine($Folder, 'CertProp.psd1')) -Global
}

function Remove-ModuleCopy {
    param([string]$Folder)

    Remove-Module -Name CertProp -Force -ErrorAction Ignore
    Remove-Item -LiteralPath (Split-Path -Path $Folder -Parent) -Recurse -Force
}

# What the fake engine wrote down, in order.
function Get-EngineLog {
    param([string]$Folder)

    $log = [System.IO.Path]::Combine($Folder, 'engine', 'log.jsonl')
    if (Test-Path -LiteralPath $log) { Get-Content -LiteralPath $log | ForEach-Object { ConvertFrom-Json -InputObject $_ } }
}

# The requests and notifications the fake engine got, of one method.
function Get-EngineMessage {
    param([string]$Folder, [string]$Method)

    Get-EngineLog -Folder $Folder | Where-Object { $_.PSObject.Properties['message'] -and $_.message.method -eq $Method } |
        ForEach-Object { $_.message }
}

# The process ids of the fake engines that were started, in order.
function Get-EngineProcessId {
    param([string]$Folder)

    Get-EngineLog -Folder $Folder | Where-Object { $_.PSObject.Properties['start'] } | ForEach-Object { $_.processId }
}

# Waits until something is so; fails with its text when it takes too long.
function Wait-Until {
    param([scriptblock]$Condition, [int]$Seconds = 10)

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($clock.Elapsed.TotalSeconds -gt $Seconds) { throw "This did not come true within $Seconds seconds: $Condition" }
        [System.Threading.Thread]::Sleep(20)
    }
}

function Test-ProcessRunning {
    param([int]$Id)

    $null -ne (Get-Process -Id $Id -ErrorAction Ignore)
}

# A PowerShell with a runspace of its own that has imported the module copy.
function New-PowerShell {
    param([string]$Folder)

    $runspace = [runspacefactory]::CreateRunspace()
    $runspace.Open()
    $powershell = [powershell]::Create()
    $powershell.Runspace = $runspace
    $null = $powershell.AddCommand('Import-Module').AddArgument([System.IO.Path]::Combine($Folder, 'CertProp.psd1')).Invoke()
    $powershell.Commands.Clear()
    $powershell
}

function Invoke-InPowerShell {
    param([powershell]$PowerShell, [string]$Script)

    $PowerShell.Commands.Clear()
    $PowerShell.AddScript($Script).Invoke()
}
