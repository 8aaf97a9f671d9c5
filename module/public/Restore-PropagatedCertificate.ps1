function Restore-PropagatedCertificate {
    # .EXTERNALHELP ../CertProp-help.xml
    [CmdletBinding(DefaultParameterSetName = 'System', SupportsShouldProcess)]
    [OutputType('CertProp.PropagationResult')]
    param(
        [Parameter(Position = 0, Mandatory, ValueFromPipelineByPropertyName)]
        [Alias('FullName')]
        [AllowEmptyString()]
        [string]$BackupPath,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string[]]$Thumbprint,

        [Parameter(ParameterSetName = 'Folder', Mandatory)]
        [ValidateNotNullOrEmpty()]
        [string]$StorePath,

        [Parameter(ParameterSetName = 'System')]
        [ValidateSet('CurrentUser', 'LocalMachine')]
        [string]$StoreLocation = 'CurrentUser',

        [Parameter(ParameterSetName = 'System')]
        [ValidateSet('System', 'DotNet')]
        [string]$StoreProvider = 'System',

        [Parameter(ParameterSetName = 'Profile', Mandatory)]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$ProfilePath,

        [Parameter(ParameterSetName = 'AllProfiles', Mandatory)]
        [switch]$AllProfiles
    )

    begin {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $hasInput = $MyInvocation.ExpectingInput
        $given = $PSBoundParameters
        $place = @{
            StorePath     = $StorePath
            StoreLocation = $StoreLocation
            StoreProvider = $StoreProvider
            ProfilePath   = $ProfilePath
            AllProfiles   = $AllProfiles
        }
        $defaultPlace = Resolve-StoresPlace -Cmdlet $PSCmdlet @place
        $isPlaceGiven = @($place.Keys | Where-Object { $given.ContainsKey($_) }).Count -gt 0
        $targets = [System.Collections.Specialized.OrderedDictionary]::new()
    }

    process {
        # A result of something that was not removed has no backup.
        if (-not $BackupPath) { return }
        $storePlace = $null
        if ($hasInput -and -not $isPlaceGiven) { $storePlace = Get-ObjectPlace -InputObject $_ }
        if ($null -eq $storePlace) { $storePlace = $defaultPlace }
        $folder = Resolve-BackupPath -Cmdlet $PSCmdlet -Path $BackupPath
        $key = ConvertTo-AsciiJson -Value @{ place = $storePlace; backup = $folder }
        if (-not $targets.Contains($key)) {
            $targets[$key] = @{
                storePlace  = $storePlace
                backupPath  = $folder
                thumbprints = [System.Collections.Generic.List[string]]::new()
            }
        }
        foreach ($one in $Thumbprint) { $targets[$key].thumbprints.Add((ConvertTo-Thumbprint -Cmdlet $PSCmdlet -Text $one)) }
    }

    end {
        foreach ($target in $targets.Values) {
            $thumbprints = $null
            if ($target.thumbprints.Count -gt 0) { $thumbprints = $target.thumbprints.ToArray() }
            $parameters = @{ storePlace = $target.storePlace; backupPath = $target.backupPath; thumbprints = $thumbprints }
            Invoke-Plan -Cmdlet $PSCmdlet -Method 'restoration/plan' -Parameters $parameters
        }
    }
}
