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

    $provider = $null
    $drive = $null
    try {
        $resolved = $Cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path, [ref]$provider, [ref]$drive)
    }
    catch {
        $message = "The store path '$Path' can't be resolved: $($_.Exception.GetBaseException().Message) Give the full path of the folder that holds SystemCertificates."
        $Cmdlet.ThrowTerminatingError((New-ErrorRecord -Id InvalidStorePath -Message $message -TargetObject $Path))
    }
    if ($provider.Name -ne 'FileSystem') {
        $message = "The store path '$Path' lies in the provider $($provider.Name). -StorePath names a folder of the file system: the one that holds SystemCertificates."
        $Cmdlet.ThrowTerminatingError((New-ErrorRecord -Id InvalidStorePath -Message $message -TargetObject $Path))
    }
    $resolved
}
