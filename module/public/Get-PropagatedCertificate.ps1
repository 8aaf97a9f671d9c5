function Get-PropagatedCertificate {
    # .EXTERNALHELP ../CertProp-help.xml
    [CmdletBinding(DefaultParameterSetName = 'System')]
    [OutputType('CertProp.PropagatedCertificate', 'CertProp.PropagatedSummary')]
    param(
        [Parameter(Position = 0)]
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

        [switch]$Summary,

        [ValidateNotNullOrEmpty()]
        [string]$Pkcs11Module
    )

    end {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $place = @{
            StorePath     = $StorePath
            StoreLocation = $StoreLocation
            StoreProvider = $StoreProvider
            ProfilePath   = $ProfilePath
            AllProfiles   = $AllProfiles
        }
        if (-not $StoreName) {
            $StoreName = 'My', 'Request'
            if ($StoreProvider -eq 'DotNet') { $StoreName = 'My' }
        }
        $parameters = ConvertTo-Selection -Cmdlet $PSCmdlet
        $parameters.storePlace = Resolve-StoresPlace -Cmdlet $PSCmdlet @place
        $parameters.storeNames = $StoreName
        $parameters.summary = [bool]$Summary
        if ($Thumbprint) { $parameters.thumbprints = [string[]]@(ConvertTo-Thumbprint -Cmdlet $PSCmdlet -Text $Thumbprint) }
        $request = New-EngineRequest -Method 'inventory/list' -Parameters $parameters
        Invoke-NeededRequest -Cmdlet $PSCmdlet -Request $request | ForEach-Object {
            if ($Summary) { ConvertTo-PropagatedSummary -Summary $_.summary }
            else { ConvertTo-PropagatedCertificate -Certificate $_.certificate }
        }
    }
}
