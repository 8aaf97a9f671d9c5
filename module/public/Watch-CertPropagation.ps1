function Watch-CertPropagation {
    # .EXTERNALHELP ../CertProp-help.xml
    [CmdletBinding(DefaultParameterSetName = 'System', SupportsShouldProcess, ConfirmImpact = 'Medium')]
    [OutputType('CertProp.PropagationResult')]
    param(
        [Parameter(Position = 0)]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Reader,

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

        [switch]$AllowUnlinked,

        [switch]$IncludeIntermediate,

        [switch]$IncludeRemote,

        [ValidateSet('User', 'Computer', 'Any')]
        [string]$Scope,

        [switch]$AllSlots,

        [ValidateNotNullOrEmpty()]
        [string]$Pkcs11Module,

        [switch]$IgnorePolicy,

        [switch]$RemoveOnCardRemoval,

        # What a timer holds: 31 bits of milliseconds.
        [ValidateRange(1, 2147483)]
        [int]$Timeout
    )

    end {
        Use-CallerPreference -Cmdlet $PSCmdlet
        if (-not $PSCmdlet.ShouldProcess("store $StoreName", 'Propagate the certificates of inserted cards') -and -not $WhatIfPreference) { return }
        $parameters = @{
            readers             = $Reader
            storePlace          = Resolve-StorePlace -Cmdlet $PSCmdlet -Path $StorePath -Location $StoreLocation -Provider $StoreProvider
            storeName           = $StoreName
            keyProvider         = $KeyProvider
            ignorePolicy        = [bool]$IgnorePolicy
            allowUnlinked       = [bool]$AllowUnlinked
            includeIntermediate = [bool]$IncludeIntermediate
            includeRemote       = [bool]$IncludeRemote
            scope               = $null
            allSlots            = [bool]$AllSlots
            pkcs11Module        = $null
            removeOnCardRemoval = [bool]$RemoveOnCardRemoval
            whatIf              = [bool]$WhatIfPreference
            milliseconds        = $null
        }
        if ($Scope) { $parameters.scope = $Scope }
        if ($Pkcs11Module) { $parameters.pkcs11Module = $Pkcs11Module }
        if ($Timeout) { $parameters.milliseconds = 1000 * $Timeout }
        $request = New-EngineRequest -Method 'watch/run' -Parameters $parameters
        Invoke-NeededRequest -Cmdlet $PSCmdlet -Request $request | ForEach-Object { ConvertTo-PropagationResult -Result $_.result }
    }
}
