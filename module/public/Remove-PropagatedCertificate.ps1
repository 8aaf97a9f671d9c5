function Remove-PropagatedCertificate {
    # .EXTERNALHELP ../CertProp-help.xml
    [CmdletBinding(DefaultParameterSetName = 'System', SupportsShouldProcess, ConfirmImpact = 'High')]
    [OutputType('CertProp.PropagationResult')]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string[]]$Thumbprint,

        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Subject,

        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Issuer,

        [ValidateNotNullOrEmpty()]
        [string[]]$SerialNumber,

        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$CardId,

        [Alias('ReaderName')]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Reader,

        [switch]$NotOnCard,

        [switch]$Expired,

        [switch]$ForeignUser,

        [ValidateNotNullOrEmpty()]
        [object]$OlderThan,

        [ValidateSet('Mark', 'KeyLink')]
        [string]$Evidence,

        [switch]$Root,

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
        [switch]$AllProfiles,

        [ValidateNotNullOrEmpty()]
        [string[]]$StoreName,

        [ValidateNotNullOrEmpty()]
        [string]$Pkcs11Module,

        [ValidateNotNullOrEmpty()]
        [string]$BackupPath
    )

    begin {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $hasInput = $MyInvocation.ExpectingInput
        $given = $PSBoundParameters
        $selectors = 'Thumbprint', 'Subject', 'Issuer', 'SerialNumber', 'CardId', 'Reader', 'NotOnCard', 'Expired', 'ForeignUser', 'OlderThan', 'Evidence', 'Root'
        $isSelected = @($selectors | Where-Object { $given.ContainsKey($_) -and -not ($given[$_] -is [switch] -and -not $given[$_]) }).Count -gt 0
        if (-not $hasInput -and -not $isSelected) {
            $message = 'Say which certificates: pipe objects from Get-PropagatedCertificate or Get-CardCertificate, or give -Thumbprint, -Subject, -Issuer, -SerialNumber, -CardId, -Reader, -NotOnCard, -Expired, -ForeignUser, -OlderThan, -Evidence or -Root.'
            $PSCmdlet.ThrowTerminatingError((New-ErrorRecord -Id SelectorRequired -Message $message))
        }
        if ($Root -and ($StoreName -or $ProfilePath -or $AllProfiles)) {
            $message = '-Root means the store SmartCardRoot; -StoreName, -ProfilePath and -AllProfiles mean other ones: give one of them.'
            $PSCmdlet.ThrowTerminatingError((New-ErrorRecord -Id SelectorConflict -Message $message))
        }
        $selection = ConvertTo-Selection -Cmdlet $PSCmdlet
        $selection.named = $given.ContainsKey('Thumbprint')
        $selection.roots = [bool]$Root
        $place = @{
            StorePath     = $StorePath
            StoreLocation = $StoreLocation
            StoreProvider = $StoreProvider
            ProfilePath   = $ProfilePath
            AllProfiles   = $AllProfiles
        }
        $defaultPlace = Resolve-StoresPlace -Cmdlet $PSCmdlet @place
        $isPlaceGiven = @($place.Keys | Where-Object { $given.ContainsKey($_) }).Count -gt 0 -or $Root
        $backupFolder = $null
        if ($BackupPath) { $backupFolder = Resolve-BackupPath -Cmdlet $PSCmdlet -Path $BackupPath }
        $backup = @{ folder = $backupFolder; run = [guid]::NewGuid().ToString() }
        $targets = [System.Collections.Specialized.OrderedDictionary]::new()
    }

    process {
        $storePlace = $null
        $names = $StoreName
        if ($hasInput) {
            if (-not $isPlaceGiven) { $storePlace = Get-ObjectPlace -InputObject $_ }
            if (-not $names -and $null -ne $storePlace) { $names = Get-Field -InputObject $_ -Name StoreName }
        }
        if ($null -eq $storePlace) { $storePlace = $defaultPlace }
        $target = Get-RemovalTarget -Targets $targets -StorePlace $storePlace -StoreNames $names
        foreach ($one in $Thumbprint) { $target.Thumbprints.Add((ConvertTo-Thumbprint -Cmdlet $PSCmdlet -Text $one)) }
    }

    end {
        $done = 0
        foreach ($target in $targets.Values) {
            # Nothing in the pipeline means nothing to do, whatever else was selected.
            if ($hasInput -and $target.Thumbprints.Count -eq 0) { continue }
            if ($targets.Count -gt 1) { Write-EngineProgress -StreamEvent @{ activity = 'Removing'; done = $done; total = $targets.Count; secondsLeft = $null } }
            $parameters = $selection + @{ storePlace = $target.StorePlace; storeNames = $target.StoreNames }
            $parameters.backup = $null
            if ($BackupPath -or $target.StorePlace.kind -in 'Profiles', 'AllProfiles') { $parameters.backup = $backup }
            if ($target.Thumbprints.Count -gt 0) { $parameters.thumbprints = $target.Thumbprints.ToArray() }
            Invoke-Plan -Cmdlet $PSCmdlet -Method 'removal/plan' -Parameters $parameters
            $done++
        }
        if ($targets.Count -gt 1) { Write-Progress -Activity 'Removing' -Completed }
    }
}
