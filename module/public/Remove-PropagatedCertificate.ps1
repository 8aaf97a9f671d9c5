function Remove-PropagatedCertificate {
    <#
    .SYNOPSIS
    Takes certificates that came from smart cards out of a Personal store.

    .DESCRIPTION
    Removes the certificates that the parameters, or objects in the pipeline, select; several parameters narrow the selection.
    The keys on the card are not touched, and the certificates stay on the card.

    Only what shows that it came from a card is removed: a link to a smart card provider, or CertProp's mark. A
    certificate that is linked to a key in software is left alone. A certificate that is named by typing -Thumbprint goes in any case;
    thumbprints from the pipeline only select.

    .PARAMETER Thumbprint
    The certificates with these thumbprints (SHA-1, 40 hex digits), typed or from the pipeline. Spaces, lower case and the invisible
    character that certmgr puts in front are accepted.

    .PARAMETER Subject
    The certificates whose subject fits one of these patterns, with wildcards.

    .PARAMETER SerialNumber
    The certificates with these serial numbers, in hex.

    .PARAMETER Reader
    The certificates of the cards in these readers, with wildcards. The names complete with Tab.

    .PARAMETER NotOnCard
    The certificates that are on none of the inserted cards. Fails, and removes nothing, unless every reader could be read.

    .PARAMETER Expired
    The certificates that have expired.

    .PARAMETER Root
    The roots that CertProp propagated from cards, in the machine's store SmartCardRoot (with -StorePath, the folder's); on Windows this takes
    an administrator's rights. With -NotOnCard those that no inserted card holds. Other parameters narrow the selection further.

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

    .PARAMETER Pkcs11Module
    The full path of a PKCS #11 module whose tokens count as cards too, for -Reader and -NotOnCard. Without it, the module that the
    organization has set in the machine's configuration is used, if there is one.

    .PARAMETER WhatIf
    Shows what would be done. The output is the plan: the same objects with Planned set to true.

    .PARAMETER Confirm
    Asks before each removal, which is the default. With -Confirm:$false nothing is asked.

    .EXAMPLE
    Remove-PropagatedCertificate -NotOnCard -WhatIf

    Shows which certificates of cards that are no longer inserted would go.

    .EXAMPLE
    Get-CardCertificate | Remove-PropagatedCertificate -Confirm:$false

    Takes the certificates of the inserted cards out of the store without asking.

    .EXAMPLE
    Remove-PropagatedCertificate -Expired -Subject '*O=Example*'

    Removes, asking for each, what has expired of certificates of one organization.

    .EXAMPLE
    Remove-PropagatedCertificate -Root -NotOnCard -Confirm:$false

    Cleans up: takes back the roots of cards that are no longer inserted.

    .OUTPUTS
    CertProp.PropagationResult

    .LINK
    Invoke-CertPropagation
    #>
    [CmdletBinding(DefaultParameterSetName = 'System', SupportsShouldProcess, ConfirmImpact = 'High')]
    [OutputType('CertProp.PropagationResult')]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string[]]$Thumbprint,

        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Subject,

        [ValidateNotNullOrEmpty()]
        [string[]]$SerialNumber,

        [Alias('ReaderName')]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Reader,

        [switch]$NotOnCard,

        [switch]$Expired,

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

        [ValidateNotNullOrEmpty()]
        [string]$StoreName = 'My',

        [ValidateNotNullOrEmpty()]
        [string]$Pkcs11Module
    )

    begin {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $hasInput = $MyInvocation.ExpectingInput
        $named = $PSBoundParameters.ContainsKey('Thumbprint')
        if (-not ($hasInput -or $Thumbprint -or $Subject -or $SerialNumber -or $Reader -or $NotOnCard -or $Expired -or $Root)) {
            $message = 'Say which certificates: pipe objects from Get-CardCertificate, or give -Thumbprint, -Subject, -SerialNumber, -Reader, -NotOnCard, -Expired or -Root.'
            $PSCmdlet.ThrowTerminatingError((New-ErrorRecord -Id SelectorRequired -Message $message))
        }
        if ($Reader -and $NotOnCard) {
            $message = '-Reader means certificates of the cards in these readers, -NotOnCard those of no card: give one of them.'
            $PSCmdlet.ThrowTerminatingError((New-ErrorRecord -Id SelectorConflict -Message $message))
        }
        if ($Root -and $PSBoundParameters.ContainsKey('StoreName')) {
            $message = '-Root means the store SmartCardRoot, -StoreName another one: give one of them.'
            $PSCmdlet.ThrowTerminatingError((New-ErrorRecord -Id SelectorConflict -Message $message))
        }
        $thumbprints = [System.Collections.Generic.List[string]]::new()
        $parameters = @{
            thumbprints   = $null
            named         = $named
            subjects      = $Subject
            serialNumbers = $SerialNumber
            readers       = $Reader
            notOnCard     = [bool]$NotOnCard
            expired       = [bool]$Expired
            roots         = [bool]$Root
            storePlace    = Resolve-StorePlace -Cmdlet $PSCmdlet -Path $StorePath -Location $StoreLocation -Provider $StoreProvider
            storeName     = $StoreName
            pkcs11Module  = $null
        }
        if ($Pkcs11Module) { $parameters.pkcs11Module = $Pkcs11Module }
    }

    process {
        foreach ($one in $Thumbprint) { $thumbprints.Add((ConvertTo-Thumbprint -Cmdlet $PSCmdlet -Text $one)) }
    }

    end {
        # Nothing in the pipeline means nothing to do, whatever else was selected.
        if ($thumbprints.Count -gt 0) { $parameters.thumbprints = $thumbprints.ToArray() }
        elseif ($hasInput) { return }
        Invoke-Plan -Cmdlet $PSCmdlet -Method 'removal/plan' -Parameters $parameters
    }
}
