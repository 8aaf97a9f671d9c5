function Get-CardCertificate {
    <#
    .SYNOPSIS
    Lists the certificates on inserted smart cards.

    .DESCRIPTION
    Reads the certificates of the cards in all readers, or in those that -Reader names, and gives one object for each as it is read.
    No PIN is needed and nothing is changed. A card that can't be read is an error of its own; the others are read all the same.

    An object's certificate is in its property RawData (DER in base64) and comes as an X509Certificate2 from its method GetCertificate().

    .PARAMETER Reader
    Names of readers, with wildcards. A name that a reader has letter for letter means only that reader. The names complete with Tab.

    .PARAMETER Root
    Gives the root certificates that the card carries (msroots) instead of those with a key.

    .PARAMETER Thumbprint
    Gives only the certificates with these thumbprints (SHA-1, 40 hex digits). Spaces, lower case and the invisible character that
    certmgr puts in front are accepted.

    .PARAMETER AllSlots
    Looks into every slot of a card, also where the card's own directory promises nothing: PIV's twenty slots of retired keys.

    .PARAMETER Pkcs11Module
    The full path of a PKCS #11 module (the card vendor's library). Its tokens are read too, without a login, in a process of its own.
    Without it, the module that the organization has set in the machine's configuration is used, if there is one.

    .EXAMPLE
    Get-CardCertificate

    Lists the certificates of all inserted cards.

    .EXAMPLE
    Get-CardCertificate -Reader 'Alcor*' | Where-Object NotAfter -lt (Get-Date).AddDays(30)

    Lists what expires within 30 days on the cards in readers whose name starts with Alcor.

    .EXAMPLE
    (Get-CardCertificate | Select-Object -First 1).GetCertificate().Extensions

    Shows the extensions of the first certificate. The rest is not read.

    .OUTPUTS
    CertProp.CardCertificate

    .LINK
    Invoke-CertPropagation
    #>
    [CmdletBinding()]
    [OutputType('CertProp.CardCertificate')]
    param(
        [Parameter(Position = 0)]
        [Alias('ReaderName')]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Reader,

        [switch]$Root,

        [ValidateNotNullOrEmpty()]
        [string[]]$Thumbprint,

        [switch]$AllSlots,

        [ValidateNotNullOrEmpty()]
        [string]$Pkcs11Module
    )

    end {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $parameters = @{ readers = $Reader; thumbprints = $null; roots = [bool]$Root; allSlots = [bool]$AllSlots; pkcs11Module = $null }
        if ($Pkcs11Module) { $parameters.pkcs11Module = $Pkcs11Module }
        if ($Thumbprint) { $parameters.thumbprints = [string[]]@(ConvertTo-Thumbprint -Cmdlet $PSCmdlet -Text $Thumbprint) }
        $request = New-EngineRequest -Method 'certificate/list' -Parameters $parameters
        Invoke-NeededRequest -Cmdlet $PSCmdlet -Request $request | ForEach-Object { ConvertTo-CardCertificate -Certificate $_.certificate }
    }
}
