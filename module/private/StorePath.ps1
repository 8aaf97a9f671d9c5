# The store's place as the contract has it.
function Resolve-StorePlace {
    param(
        [System.Management.Automation.PSCmdlet]$Cmdlet,
        [string]$Path,
        [string]$Location,
        [string]$Provider
    )

    if ($Path) { return @{ kind = 'Folder'; path = Resolve-StorePath -Cmdlet $Cmdlet -Path $Path } }
    @{ kind = $Provider; location = $Location }
}

# The file system path that a person means. Nothing has to be there yet.
function Resolve-StorePath {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Path)

    Resolve-FolderPath -Cmdlet $Cmdlet -Path $Path -Parameter StorePath -Meaning 'the folder that holds SystemCertificates'
}

# A profile root, or a wildcard for several.
function Resolve-ProfilePath {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Path)

    Resolve-FolderPath -Cmdlet $Cmdlet -Path $Path -Parameter ProfilePath -Meaning "the folder of a user's profile, which holds AppData"
}

# A Remote Desktop file, which has to be there.
function Resolve-RdpFile {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Path)

    Resolve-FolderPath -Cmdlet $Cmdlet -Path $Path -Parameter RdpFile -Meaning 'an .rdp file'
}

# The folder of backups, or of one.
function Resolve-BackupPath {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Path)

    Resolve-FolderPath -Cmdlet $Cmdlet -Path $Path -Parameter BackupPath -Meaning 'the folder for backups'
}

# A file that holds what Meaning says.
function Resolve-FilePath {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Path, [string]$Parameter, [string]$Meaning)

    Resolve-FolderPath -Cmdlet $Cmdlet -Path $Path -Parameter $Parameter -Meaning "the file that holds $Meaning"
}

function Resolve-FolderPath {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Path, [string]$Parameter, [string]$Meaning)

    $provider = $null
    $drive = $null
    try {
        $resolved = $Cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path, [ref]$provider, [ref]$drive)
    }
    catch {
        $message = "-$Parameter '$Path' can't be resolved: $($_.Exception.GetBaseException().Message) Give the full path of $Meaning."
        $Cmdlet.ThrowTerminatingError((New-ErrorRecord -Id "Invalid$Parameter" -Message $message -TargetObject $Path))
    }
    if ($provider.Name -ne 'FileSystem') {
        $message = "-$Parameter '$Path' lies in the provider $($provider.Name). -$Parameter names a place in the file system: $Meaning."
        $Cmdlet.ThrowTerminatingError((New-ErrorRecord -Id "Invalid$Parameter" -Message $message -TargetObject $Path))
    }
    $resolved
}
