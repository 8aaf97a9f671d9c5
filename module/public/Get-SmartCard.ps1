function Get-SmartCard {
    <#
    .SYNOPSIS
    Lists smart card readers and the cards in them.

    .DESCRIPTION
    Gives one object for each reader, also for an empty one: its state, and of the card in it the answer to reset (ATR), the families it
    belongs to (PIV, GIDS, PKCS15, OpenPGP), its id, label and serial number, its cache counters where it has such, and how many
    certificates it holds. No PIN is needed and nothing is changed. Without readers there is no output.

    .PARAMETER Reader
    Names of readers, with wildcards. A name that a reader has letter for letter means only that reader. The names complete with Tab.

    .EXAMPLE
    Get-SmartCard

    Lists all readers.

    .EXAMPLE
    Get-SmartCard | Where-Object CertificateCount -eq 0

    Lists the cards that hold no certificate.

    .OUTPUTS
    CertProp.SmartCard

    .LINK
    Get-CardCertificate
    #>
    [CmdletBinding()]
    [OutputType('CertProp.SmartCard')]
    param(
        [Parameter(Position = 0)]
        [Alias('ReaderName')]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Reader
    )

    end {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $request = New-EngineRequest -Method 'card/list' -Parameters @{ readers = $Reader }
        Invoke-NeededRequest -Cmdlet $PSCmdlet -Request $request | ForEach-Object { ConvertTo-SmartCard -Card $_.card }
    }
}
