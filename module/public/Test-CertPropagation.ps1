function Test-CertPropagation {
    # .EXTERNALHELP ../CertProp-help.xml
    [CmdletBinding(DefaultParameterSetName = 'System', SupportsShouldProcess, ConfirmImpact = 'Medium')]
    [OutputType('CertProp.Check', [bool])]
    param(
        [Parameter(Position = 0)]
        [Alias('ReaderName')]
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

        [ValidateNotNullOrEmpty()]
        [string]$RdpFile,

        [ValidateNotNullOrEmpty()]
        [string]$Pkcs11Module,

        [switch]$Quiet,

        [switch]$Repair
    )

    end {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $place = Resolve-StorePlace -Cmdlet $PSCmdlet -Path $StorePath -Location $StoreLocation -Provider $StoreProvider
        $parameters = @{ readers = $Reader; storePlace = $place; storeName = $StoreName; pkcs11Module = $null; rdpFile = $null }
        if ($Pkcs11Module) { $parameters.pkcs11Module = $Pkcs11Module }
        if ($RdpFile) { $parameters.rdpFile = Resolve-RdpFile -Cmdlet $PSCmdlet -Path $RdpFile }
        $checks = @(Invoke-Diagnosis -Cmdlet $PSCmdlet -Parameters $parameters)
        if ($Repair -and (Repair-Finding -Cmdlet $PSCmdlet -Checks $checks -Parameters $parameters)) {
            $checks = @(Invoke-Diagnosis -Cmdlet $PSCmdlet -Parameters $parameters)
        }
        if ($Quiet) { @($checks | Where-Object status -EQ 'Failed').Count -eq 0 }
        else { $checks | ForEach-Object { ConvertTo-Check -Check $_ } }
    }
}
