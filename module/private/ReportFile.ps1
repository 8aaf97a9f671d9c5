# The full path of the file in which a report is to be written; fails where that is known to be impossible.
function Resolve-ReportPath {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Path, [bool]$NoClobber)

    $provider = $null
    $drive = $null
    $full = $Cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path, [ref]$provider, [ref]$drive)
    $problem = $null
    if ($provider.Name -ne 'FileSystem') {
        $problem = "it lies in the provider $($provider.Name). Name a file of the file system."
    }
    elseif ([System.IO.Directory]::Exists($full)) {
        $problem = 'it is a folder. Name a file in it.'
    }
    elseif (-not [System.IO.Directory]::Exists([System.IO.Path]::GetDirectoryName($full))) {
        $problem = 'its folder does not exist. Create it first.'
    }
    elseif ($NoClobber -and [System.IO.File]::Exists($full)) {
        $problem = 'it exists, and -NoClobber keeps it.'
    }
    if ($problem) {
        $record = New-ErrorRecord -Id InvalidReportPath -Message "The report can't be written to '$full': $problem" -TargetObject $full
        $Cmdlet.ThrowTerminatingError($record)
    }
    $full
}

# As UTF-8. The file is complete or as it was before: the lines go to a new one beside it first.
function Write-ReportFile {
    param([string]$Path, [string[]]$Line, [bool]$NoClobber)

    $temporary = "$Path.$([guid]::NewGuid().ToString('N')).tmp"
    try {
        [System.IO.File]::WriteAllLines($temporary, $Line)
        if (-not $NoClobber -and [System.IO.File]::Exists($Path)) {
            [System.IO.File]::Replace($temporary, $Path, [System.Management.Automation.Language.NullString]::Value)
        }
        else {
            [System.IO.File]::Move($temporary, $Path)
        }
    }
    finally {
        [System.IO.File]::Delete($temporary)
    }
}
