# The log of a script that nobody watches: short lines, and never more than two files of this many bytes.
$script:logLimit = 262144
# The longest text of a line.
$script:lineLimit = 500

function New-LogFolder {
    param([string]$LogPath)

    $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($LogPath))
}

# A log that can't be written to doesn't stop the work.
function Write-Log {
    param([string]$LogPath, [string]$Text)

    try {
        Move-FullLog -LogPath $LogPath
        [System.IO.File]::AppendAllText($LogPath, (ConvertTo-LogLine -Text $Text))
    }
    catch [System.IO.IOException], [System.UnauthorizedAccessException] {
        Write-Verbose -Message "Not logged: $Text"
    }
}

function Move-FullLog {
    param([string]$LogPath)

    if (-not [System.IO.File]::Exists($LogPath) -or (Get-Item -LiteralPath $LogPath).Length -lt $script:logLimit) { return }
    $old = [System.IO.Path]::ChangeExtension($LogPath, '.old.log')
    [System.IO.File]::Delete($old)
    [System.IO.File]::Move($LogPath, $old)
}

function ConvertTo-LogLine {
    param([string]$Text)

    $line = $Text -replace '\s+', ' '
    if ($line.Length -gt $script:lineLimit) { $line = $line.Substring(0, $script:lineLimit) + '...' }
    '{0:yyyy-MM-ddTHH:mm:ssZ} {1}{2}' -f [datetime]::UtcNow, $line, [System.Environment]::NewLine
}

# What a command of CertProp's gave, or one of its streams.
function Get-LogText {
    param([psobject]$Item)

    if ($Item -is [System.Management.Automation.ErrorRecord]) { return "Error $($Item.FullyQualifiedErrorId): $($Item.Exception.Message)" }
    if ($Item -is [System.Management.Automation.WarningRecord]) { return "Warning: $($Item.Message)" }
    if ($Item -is [System.Management.Automation.VerboseRecord]) { return $Item.Message }
    "$($Item.Action) ($($Item.Reason)) $($Item.Thumbprint) in $($Item.Store), reader '$($Item.ReaderName)'"
}
