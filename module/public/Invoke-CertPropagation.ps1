function Invoke-CertPropagation {
    # .EXTERNALHELP ../CertProp-help.xml
    [CmdletBinding(DefaultParameterSetName = 'System', SupportsShouldProcess, ConfirmImpact = 'Medium')]
    [OutputType('CertProp.PropagationResult')]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)]
        [Alias('ReaderName')]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Reader,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string]$CardId,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string]$Thumbprint,

        [Parameter(ParameterSetName = 'Folder', Mandatory)]
        [ValidateNotNullOrEmpty()]
        [string]$StorePath,

        [Parameter(ParameterSetName = 'System')]
        [ValidateSet('CurrentUser', 'LocalMachine')]
        [string]$StoreLocation = 'CurrentUser',

        [Parameter(ParameterSetName = 'System')]
        [ValidateSet('System', 'DotNet')]
        [string]$StoreProvider = 'System',

        [ValidateNotNullOrEmpty()]
        [string]$StoreName = 'My',

        [ValidateSet('Auto', 'CSP', 'KSP')]
        [string]$KeyProvider = 'Auto',

        [ValidateNotNullOrEmpty()]
        [string]$KeyContainer,

        [switch]$AllowUnlinked,

        [switch]$IncludeIntermediate,

        [switch]$IncludeRemote,

        [ValidateSet('User', 'Computer', 'Any')]
        [string]$Scope,

        [ValidateNotNullOrEmpty()]
        [string[]]$SourcePath,

        [switch]$AllSlots,

        [ValidateNotNullOrEmpty()]
        [string]$Pkcs11Module,

        [switch]$IgnorePolicy
    )

    begin {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $hasInput = $MyInvocation.ExpectingInput
        $targets = [System.Collections.Generic.List[object]]::new()
        $parameters = @{
            readers             = $null
            targets             = $null
            storePlace          = Resolve-StorePlace -Cmdlet $PSCmdlet -Path $StorePath -Location $StoreLocation -Provider $StoreProvider
            storeName           = $StoreName
            keyProvider         = $KeyProvider
            keyContainer        = $null
            ignorePolicy        = [bool]$IgnorePolicy
            allowUnlinked       = [bool]$AllowUnlinked
            includeIntermediate = [bool]$IncludeIntermediate
            includeRemote       = [bool]$IncludeRemote
            scope               = $null
            sourcePaths         = $null
            allSlots            = [bool]$AllSlots
            pkcs11Module        = $null
        }
        if ($Scope) { $parameters.scope = $Scope }
        if ($SourcePath) { $parameters.sourcePaths = [string[]]@($SourcePath | ForEach-Object { Resolve-StorePath -Cmdlet $PSCmdlet -Path $_ }) }
        if ($KeyContainer) { $parameters.keyContainer = $KeyContainer }
        if ($Pkcs11Module) { $parameters.pkcs11Module = $Pkcs11Module }
    }

    process {
        if (-not $hasInput -and -not $CardId -and -not $Thumbprint) {
            $parameters.readers = $Reader
            return
        }
        if (-not $Reader) {
            $message = 'This certificate needs its reader: pipe objects from Get-CardCertificate, or give -Reader too.'
            $PSCmdlet.WriteError((New-ErrorRecord -Id ReaderRequired -Message $message -TargetObject $Thumbprint))
            return
        }
        $target = @{ cardId = $null; thumbprint = $null }
        if ($CardId) { $target.cardId = $CardId }
        if ($Thumbprint) { $target.thumbprint = ConvertTo-Thumbprint -Cmdlet $PSCmdlet -Text $Thumbprint }
        foreach ($name in $Reader) { $targets.Add($target + @{ readerName = $name }) }
    }

    end {
        # Nothing in the pipeline means nothing to do, not everything.
        if ($targets.Count -gt 0) { $parameters.targets = $targets.ToArray() }
        elseif ($hasInput -or $CardId -or $Thumbprint) { return }
        Invoke-Plan -Cmdlet $PSCmdlet -Method 'propagation/plan' -Parameters $parameters
    }
}
