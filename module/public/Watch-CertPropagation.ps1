function Watch-CertPropagation {
    <#
    .SYNOPSIS
    Propagates the certificates of each smart card that is inserted, and cleans up when it is removed.

    .DESCRIPTION
    Does in the foreground what Windows' certificate propagation service does in the background: the cards that are inserted already, then
    each one that comes, are propagated as Invoke-CertPropagation does it, and a result is output for each certificate as it happens. It
    waits for events and does nothing in between. It ends with Ctrl+C, with -Timeout, or when the user signs out.

    When a card is removed, the roots that CertProp propagated are taken back if policy says so (RootCertificateCleanupOption 1) and no other
    inserted card has them; with -RemoveOnCardRemoval its other certificates too. Only certificates that bear CertProp's mark go, and none
    as long as not every card can be read. What an earlier run left undone is done at the start.

    Readers that are plugged in or out and a restart of the smart card service do not end it; what goes wrong with one card is an error or
    a warning, and the watch goes on. -Verbose tells which cards come and go. Policies are read anew with each card.

    .PARAMETER Reader
    The readers that are watched, with wildcards; all by default, those that are plugged in later too. The names complete with Tab.

    .PARAMETER StorePath
    The folder that holds SystemCertificates (%APPDATA%\Microsoft of a Windows profile), on any system. Elsewhere than on Windows this, or
    -StoreProvider DotNet, is needed.

    .PARAMETER StoreLocation
    Whose store: that of the current user, which is the default, or of the local machine, which takes administrator's rights.

    .PARAMETER StoreProvider
    System, the default: Windows' own stores. DotNet: the stores that .NET's X509Store has, on any system with .NET.

    .PARAMETER StoreName
    The store's name; My, the Personal store, by default.

    .PARAMETER KeyProvider
    Which of Windows' providers the key link names, as with Invoke-CertPropagation.

    .PARAMETER AllowUnlinked
    Stores also certificates whose key is not in their container on the card, without a key link.

    .PARAMETER IncludeIntermediate
    Puts the certificates of intermediate authorities on the card into the store CA.

    .PARAMETER IncludeRemote
    Propagates in a Remote Desktop session too, whose profile then keeps the certificates.

    .PARAMETER Scope
    Whose certificates the store takes: User, Computer or Any, as with Invoke-CertPropagation.

    .PARAMETER AllSlots
    Looks into every slot of a card, also where the card's own directory promises nothing.

    .PARAMETER Pkcs11Module
    The full path of a PKCS #11 module (the card vendor's library), whose tokens are read too.

    .PARAMETER IgnorePolicy
    Propagates also where group policy turns propagation off. Needs an administrator's (root's) rights then.

    .PARAMETER RemoveOnCardRemoval
    Takes the certificates that CertProp propagated out of the store when their card is removed.

    .PARAMETER Timeout
    Ends after so many seconds. Without it, the watch goes on.

    .PARAMETER WhatIf
    Shows what would be done as cards come and go; the results have Planned set to true.

    .PARAMETER Confirm
    Asks once, before the watch begins.

    .EXAMPLE
    Watch-CertPropagation -Verbose

    Propagates every card from now on, and tells which cards come and go.

    .EXAMPLE
    Watch-CertPropagation -Timeout 60 | Where-Object Action -ne Unchanged

    Watches for a minute, and shows only what was changed.

    .EXAMPLE
    Watch-CertPropagation -RemoveOnCardRemoval | Export-Csv -Path log.csv

    Keeps certificates in the store only as long as their card is inserted, and writes down what was done.

    .OUTPUTS
    CertProp.PropagationResult

    .LINK
    Invoke-CertPropagation

    .LINK
    Remove-PropagatedCertificate

    .LINK
    Get-CertPropPolicy
    #>
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
