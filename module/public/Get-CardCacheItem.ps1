function Get-CardCacheItem {
    # .EXTERNALHELP ../CertProp-help.xml
    [CmdletBinding()]
    [OutputType('CertProp.CardCacheItem')]
    param(
        [Parameter(Mandatory, Position = 0)]
        [Alias('ReaderName')]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Reader
    )

    end {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $request = New-EngineRequest -Method 'cache/read' -Parameters @{ readers = $Reader }
        Invoke-NeededRequest -Cmdlet $PSCmdlet -Request $request | ForEach-Object { ConvertTo-CardCacheItem -Item $_.item }
    }
}
