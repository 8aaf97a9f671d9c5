function Get-SmartCard {
    # .EXTERNALHELP ../CertProp-help.xml
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
