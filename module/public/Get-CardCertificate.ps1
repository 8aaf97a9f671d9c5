function Get-CardCertificate {
    # .EXTERNALHELP ../CertProp-help.xml
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
