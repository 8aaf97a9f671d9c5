# What Test-CertPropagation does, step by step.

# The engine's findings as it sends them.
function Invoke-Diagnosis {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [hashtable]$Parameters)

    $request = New-EngineRequest -Method 'propagation/test' -Parameters $Parameters
    Invoke-NeededRequest -Cmdlet $Cmdlet -Request $request | ForEach-Object { $_.check }
}

# Propagates the certificates whose propagation mends what was found. Gives whether anything may have changed.
function Repair-Finding {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [object[]]$Checks, [hashtable]$Parameters)

    $targets = @(foreach ($check in $Checks) {
            if ($null -ne $check.repair) { @{ readerName = $check.repair.readerName; cardId = $null; thumbprint = $check.repair.thumbprint } }
        })
    if ($targets.Count -eq 0) { return $false }
    $plan = @{
        readers             = $null
        targets             = $targets
        storePlace          = $Parameters.storePlace
        storeName           = $Parameters.storeName
        keyProvider         = 'Auto'
        keyContainer        = $null
        ignorePolicy        = $false
        allowUnlinked       = $false
        includeIntermediate = $false
        includeRemote       = $false
        scope               = $null
        sourcePaths         = $null
        allSlots            = $false
        pkcs11Module        = $Parameters.pkcs11Module
    }
    Invoke-Plan -Cmdlet $Cmdlet -Method 'propagation/plan' -Parameters $plan | ForEach-Object {
        Write-Verbose -Message "$($_.Action) ($($_.Reason)): $($_.Subject) ($($_.Thumbprint)). $($_.Detail)"
    }
    -not $WhatIfPreference
}
