function Set-CardCacheCounter {
    <#
    .SYNOPSIS
    Changes the cache counters of a smart card, so that Windows reads the card again.

    .DESCRIPTION
    Windows keeps copies of a card's contents and takes them for fresh as long as the card's freshness counters (in the card's
    file cardcf) stay the same. After a card was changed by a tool that doesn't count, raise the counters with this command.
    On Windows the copies that are stale then are dropped from its cache at once; -Verbose tells how many.

    Only GIDS cards have such counters. A card of another kind that is named is an error (CardWithoutCounters), and a warning among several.

    Writing needs the card's PIN. A wrong PIN is an error that says how many tries are left; the command never tries again by itself.

    .PARAMETER Reader
    The reader that holds the card, with wildcards. -Increment changes the cards in all readers that fit; given values go to exactly one.
    The names complete with Tab.

    .PARAMETER Increment
    The counters to raise by one: Container for keys and containers, File for certificates and other files. 65535 is followed by 1.

    .PARAMETER ContainersFreshness
    The new value of the containers' counter.

    .PARAMETER FilesFreshness
    The new value of the files' counter.

    .PARAMETER Pin
    The card's PIN. Without it, it is asked for when somebody is there to answer.

    .PARAMETER Force
    Allows a value at or below the present one, which can make Windows take stale copies for fresh ones, and a PIN when only one try is left.

    .PARAMETER WhatIf
    Shows what would be done, without asking for the PIN.

    .PARAMETER Confirm
    Asks before each card is changed.

    .EXAMPLE
    Set-CardCacheCounter -Reader 'Alcor*' -Increment Container, File

    Raises both counters of the card in one reader, and asks for its PIN.

    .EXAMPLE
    Set-CardCacheCounter -Reader 'Alcor*' -FilesFreshness 17 -Pin $pin

    Sets one counter to a value that is higher than the present one.

    .OUTPUTS
    CertProp.CardCacheCounter

    .LINK
    Get-CardCacheItem

    .LINK
    Get-CardCertificate
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium', DefaultParameterSetName = 'Increment')]
    [OutputType('CertProp.CardCacheCounter')]
    param(
        [Parameter(Mandatory, Position = 0)]
        [Alias('ReaderName')]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Reader,

        [Parameter(Mandatory, ParameterSetName = 'Increment')]
        [ValidateSet('Container', 'File')]
        [string[]]$Increment,

        [Parameter(ParameterSetName = 'Value')]
        [uint16]$ContainersFreshness,

        [Parameter(ParameterSetName = 'Value')]
        [uint16]$FilesFreshness,

        [ValidateNotNull()]
        [securestring]$Pin,

        [switch]$Force
    )

    end {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $change = @{ increment = [string[]]@(); containersFreshness = $null; filesFreshness = $null; force = [bool]$Force }
        if ($Increment) { $change.increment = $Increment }
        if ($PSBoundParameters.ContainsKey('ContainersFreshness')) { $change.containersFreshness = $ContainersFreshness }
        if ($PSBoundParameters.ContainsKey('FilesFreshness')) { $change.filesFreshness = $FilesFreshness }

        $single = $PSCmdlet.ParameterSetName -eq 'Value'
        foreach ($counter in Get-CardCounter -Cmdlet $PSCmdlet -Reader $Reader -Single $single) {
            try {
                $outcome = Set-CardCounter -Cmdlet $PSCmdlet -Counter $counter -Change $change -Pin $Pin
            }
            catch {
                $outcome = Copy-ErrorRecord -ErrorRecord $_
            }
            if ($outcome -isnot [System.Management.Automation.ErrorRecord]) {
                $outcome
                continue
            }
            # One card doesn't stop the others; but a given PIN that was wrong once isn't tried on them.
            $PSCmdlet.WriteError($outcome)
            if ($Pin -and $outcome.FullyQualifiedErrorId -like 'WrongPin*') { return }
        }
    }
}
