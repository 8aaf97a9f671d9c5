function Get-CardCacheItem {
    <#
    .SYNOPSIS
    Compares Windows' cache of a smart card with the card itself. Asking can delete what is asked for.

    .DESCRIPTION
    Windows' smart card resource manager keeps copies of a card's contents for all programs. This command reads a GIDS card's container
    map, certificate files and cache counters from the card itself, asks the resource manager for its copy of each, and gives one object
    for each. No PIN is needed, and the card is not changed. Windows only; other systems keep no such cache.

    Asking can delete: a copy is asked for with a freshness counter, and Windows deletes a copy that it has with another one (State is
    Stale then). Which counter Windows gives a copy is specified nowhere. This command takes the card's containers counter for the
    container map, the files counter for certificate files, and for a copy of a counter that counter. Where Windows does otherwise, the
    first look finds everything Stale and the second finds nothing. Windows reads what is missing from the card again, so that only the
    evidence is lost. This is why -Reader has no default.

    State is one of: Same, the copy is what the card has; Differs, it is something else; NotCached, there is no copy; Stale, there was a
    copy with another counter, and it is deleted now. Detail says it in a sentence.

    .PARAMETER Reader
    Names of readers, with wildcards. A name that a reader has letter for letter means only that reader. The names complete with Tab.

    .EXAMPLE
    Get-CardCacheItem -Reader 'Alcor*'

    Compares what Windows has of the card in one reader with the card.

    .EXAMPLE
    Get-CardCacheItem -Reader 'Alcor*' | Where-Object State -eq Differs | Format-List Name, Detail

    Lists copies that Windows takes for fresh and that are not what the card has: somebody changed the card without raising its counters.
    Set-CardCacheCounter raises them.

    .OUTPUTS
    CertProp.CardCacheItem

    .LINK
    Set-CardCacheCounter
    #>
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
