function Get-CertPropPolicy {
    <#
    .SYNOPSIS
    Shows what group policy says about smart cards.

    .DESCRIPTION
    Gives one object for each policy that concerns certificates on smart cards: its value as it is set, the effective setting, and where
    that comes from (Registry, File, or Default where nothing is configured). On Windows policies are read from the registry
    (HKLM\SOFTWARE\Policies), elsewhere from /etc/certprop/policy.json. Nothing is changed.

    A value that means nothing, such as text where a number belongs, is a warning; the default holds then.

    Of these policies CertPropEnabled decides whether Invoke-CertPropagation may propagate. The others are shown for information.

    .PARAMETER Name
    Names of policies, with wildcards. The names complete with Tab.

    .EXAMPLE
    Get-CertPropPolicy

    Shows all policies.

    .EXAMPLE
    Get-CertPropPolicy -Name CertPropEnabled | Format-List

    Shows in full whether certificates may be propagated, and where that is decided.

    .EXAMPLE
    Get-CertPropPolicy | Where-Object Source -ne Default

    Shows the policies that an administrator has configured.

    .OUTPUTS
    CertProp.Policy

    .LINK
    Invoke-CertPropagation
    #>
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
