function Set-CardCacheCounter {
    # .EXTERNALHELP ../CertProp-help.xml
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
