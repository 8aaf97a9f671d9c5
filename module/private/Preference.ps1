# A function of a module doesn't see the preference variables of the script that calls it, as a compiled cmdlet does:
# $WhatIfPreference = $true in a script would not hold back a removal. They are taken over into the calling function's scope.
function Use-CallerPreference {
    param([System.Management.Automation.PSCmdlet]$Cmdlet)

    $parameterOf = @{
        ErrorActionPreference = 'ErrorAction'
        WarningPreference     = 'WarningAction'
        VerbosePreference     = 'Verbose'
        DebugPreference       = 'Debug'
        ProgressPreference    = 'ProgressAction'
        WhatIfPreference      = 'WhatIf'
        ConfirmPreference     = 'Confirm'
    }
    foreach ($name in $parameterOf.Keys) {
        if ($Cmdlet.MyInvocation.BoundParameters.ContainsKey($parameterOf[$name])) { continue }
        $value = $Cmdlet.SessionState.PSVariable.GetValue($name)
        if ($null -ne $value) { Set-Variable -Name $name -Value $value -Scope 1 -WhatIf:$false -Confirm:$false }
    }
    # Windows PowerShell turns -Debug into a question at every message.
    if ($DebugPreference -eq 'Inquire') {
        Set-Variable -Name DebugPreference -Value 'Continue' -Scope 1 -WhatIf:$false -Confirm:$false
    }
}

# How much the engine is to tell: what nobody sees isn't sent.
function Get-TraceLevel {
    if ($DebugPreference -notin 'SilentlyContinue', 'Ignore') { return 'Debug' }
    if ($VerbosePreference -notin 'SilentlyContinue', 'Ignore') { return 'Verbose' }
    'None'
}
