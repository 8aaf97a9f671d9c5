function Get-CertPropPolicy {
    # .EXTERNALHELP ../CertProp-help.xml
    [CmdletBinding()]
    [OutputType('CertProp.Policy')]
    param(
        [Parameter(Position = 0)]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Name = '*'
    )

    end {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $request = New-EngineRequest -Method 'policy/read' -Parameters @{}
        Invoke-NeededRequest -Cmdlet $PSCmdlet -Request $request
        $policies = $request.Result.policies
        foreach ($wanted in $Name) {
            $isPattern = [System.Management.Automation.WildcardPattern]::ContainsWildcardCharacters($wanted)
            if (-not $isPattern -and $wanted -notin $policies.name) {
                $message = "There is no policy '$wanted'. There are: $($policies.name -join ', ')."
                $PSCmdlet.WriteError((New-ErrorRecord -Id PolicyNotFound -Message $message -TargetObject $wanted))
            }
        }
        foreach ($policy in $policies) {
            if ($Name | Where-Object { $policy.name -like $_ }) { ConvertTo-Policy -Policy $policy }
        }
    }
}
