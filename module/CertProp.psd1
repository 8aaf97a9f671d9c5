@{
    RootModule           = 'CertProp.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '3c6a6c2b-7356-4bd4-9733-63124f1bb9c9'
    Author               = 'The CertProp authors'
    Copyright            = '(c) The CertProp authors. MIT license.'
    Description          = 'Reads the certificates of smart cards, copies them to a Personal store with their key links, says what was done and why, and takes it back.'
    PowerShellVersion    = '5.1'
    CompatiblePSEditions = @('Desktop', 'Core')
    TypesToProcess       = @('CertProp.types.ps1xml')
    FormatsToProcess     = @('CertProp.format.ps1xml')
    FunctionsToExport    = @(
        'Add-CardCertificate'
        'Export-CertPropReport'
        'Get-CardCacheItem'
        'Get-CardCertificate'
        'Get-CertPropPolicy'
        'Get-PropagatedCertificate'
        'Get-SmartCard'
        'Invoke-CertPropagation'
        'Remove-CardCertificate'
        'Remove-PropagatedCertificate'
        'Restore-PropagatedCertificate'
        'Set-CardCacheCounter'
        'Test-CertPropagation'
        'Watch-CertPropagation'
    )
    CmdletsToExport      = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Tags = @('SmartCard', 'Certificate', 'GIDS', 'PCSC', 'Propagation', 'Windows', 'Linux', 'MacOS')
        }
    }
}
