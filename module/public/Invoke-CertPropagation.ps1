function Invoke-CertPropagation {
    <#
    .SYNOPSIS
    Copies the certificates of smart cards to a Personal store, with the links to their keys.

    .DESCRIPTION
    Does what Windows' certificate propagation service does, on demand, and says for every certificate what was done and why.

    Without input it takes all certificates with a key of all inserted cards, or of the cards in the readers that -Reader names.
    Objects from Get-CardCertificate in the pipeline choose among them. They only point: each card is read again, and a card
    that was changed for another one is an error. A certificate that is in place already stays as it is (Unchanged), so the command can
    be run again at any time.

    A card's trusted roots go to the machine's store SmartCardRoot, never to Personal or Root (with -StorePath, to the folder's
    SmartCardRoot). Only self-signed certificates of authorities with a valid signature count as roots. Without an administrator's
    rights they are Skipped (NoRights) with one warning, and everything else is done.

    A certificate that answers a request in the store Request takes over that entry's key link and friendly name, and the entry is
    removed once the certificate is stored.

    .PARAMETER Reader
    Names of readers, with wildcards; from the pipeline, the reader of each object. The names complete with Tab.

    .PARAMETER CardId
    From the pipeline: the card that was in the reader when the object was made.

    .PARAMETER Thumbprint
    From the pipeline, or together with -Reader: the certificate that is meant. Without it, all of the card.

    .PARAMETER StorePath
    The folder that holds SystemCertificates (%APPDATA%\Microsoft of a Windows profile), on any system. Elsewhere than on Windows this, or
    -StoreProvider DotNet, is needed.

    .PARAMETER StoreLocation
    Whose store: that of the current user, which is the default, or of the local machine, which takes administrator's rights.

    .PARAMETER StoreProvider
    System, the default: Windows' own stores. DotNet: the stores that .NET's X509Store has, on any system with .NET; outside Windows they
    keep certificates without key links.

    .PARAMETER StoreName
    The store's name; My, the Personal store, by default.

    .PARAMETER KeyProvider
    Which of Windows' providers the key link names: CSP (Microsoft Base Smart Card Crypto Provider), KSP (Microsoft Smart Card Key
    Storage Provider), or Auto, the default: CSP for RSA keys and KSP for elliptic curve keys.

    .PARAMETER KeyContainer
    The key container's name, for the one certificate whose card names none (PIV, PKCS#15, OpenPGP, PKCS #11). Without it such
    certificates are stored without a key link.

    .PARAMETER AllowUnlinked
    Stores also certificates whose key is not in their container on the card, without a key link. Otherwise they are Skipped (KeyMismatch,
    NoKeyOnCard).

    .PARAMETER IncludeIntermediate
    Puts the certificates of intermediate authorities on the card into the store CA. Otherwise they are Skipped.

    .PARAMETER IncludeRemote
    Propagates in a Remote Desktop session too. Otherwise the redirected cards' certificates are Skipped (RemoteSession), because they would
    stay behind in that computer's profile.

    .PARAMETER Scope
    Whose certificates the store takes: User, Computer or Any. By itself a user's store takes no certificates of computers, and the
    machine's store (-StoreLocation LocalMachine) none of users. A certificate that doesn't say clearly that it is a computer's is a user's.

    .PARAMETER SourcePath
    Folders that hold SystemCertificates, or store files (.sst), beside the cards. Of these, enrollment requests that have no certificate yet
    are put into the store Request (Filed); everything else in them is Skipped.

    .PARAMETER AllSlots
    Looks into every slot of a card, also where the card's own directory promises nothing: PIV's twenty slots of retired keys.

    .PARAMETER Pkcs11Module
    The full path of a PKCS #11 module (the card vendor's library). Its tokens are read too, without a login, in a process of its own.
    Without it, the module that the organization has set in the machine's configuration is used, if there is one.

    .PARAMETER IgnorePolicy
    Propagates also where group policy turns propagation off (CertPropEnabled), or can't be read; a warning names what was ignored. Needs
    an administrator's (root's) rights then. Where policy allows propagation it changes nothing.

    .PARAMETER WhatIf
    Shows what would be done. The output is the plan: the same objects with Planned set to true.

    .PARAMETER Confirm
    Asks before each change.

    .EXAMPLE
    Invoke-CertPropagation

    Copies the certificates of all inserted cards to the user's Personal store.

    .EXAMPLE
    Invoke-CertPropagation -WhatIf | Format-List

    Shows in full what would be done, and why, without doing it.

    .EXAMPLE
    Get-CardCertificate | Where-Object Upn -like '*@example.com' | Invoke-CertPropagation -StorePath ~/profile

    Copies chosen certificates to the store My in a folder.

    .EXAMPLE
    Invoke-CertPropagation -IgnorePolicy

    Copies the certificates although group policy turns propagation off; in an elevated session only.

    .OUTPUTS
    CertProp.PropagationResult

    .LINK
    Get-CardCertificate

    .LINK
    Remove-PropagatedCertificate

    .LINK
    Get-CertPropPolicy
    #>
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
