# What the person is asked before each change.
$script:planQuestions = @{
    Added    = 'Add certificate'
    Replaced = 'Replace certificate'
    Filed    = 'File certificate'
    Removed  = 'Remove certificate'
    Restored = 'Restore certificate'
}

# Makes a plan, asks for consent to each change, and carries out what was agreed to together with what changes nothing.
# Under -WhatIf the planned results are the output.
function Invoke-Plan {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Method, [hashtable]$Parameters)

    $plan = New-EngineRequest -Method $Method -Parameters $Parameters
    # The whole plan first: while it is made the engine is at work on cards, and nobody may keep it waiting.
    $planned = @(Invoke-NeededRequest -Cmdlet $Cmdlet -Request $plan)
    $apply = $null
    try {
        $indexes = [System.Collections.Generic.List[int]]::new()
        foreach ($step in $planned) {
            $agreed = Confirm-PlannedResult -Cmdlet $Cmdlet -Result $step.result
            if ($WhatIfPreference) { ConvertTo-PropagationResult -Result $step.result }
            elseif ($agreed) { $indexes.Add($step.index) }
        }
        if ($indexes.Count -eq 0) { return }
        $apply = New-EngineRequest -Method 'plan/apply' -Parameters @{ planId = $plan.Result.planId; indexes = [int[]]$indexes }
        Invoke-NeededRequest -Cmdlet $Cmdlet -Request $apply | ForEach-Object { ConvertTo-PropagationResult -Result $_.result }
    }
    finally {
        if ($null -eq $apply) { Send-PlanDiscard -Plan $plan }
    }
}

function Confirm-PlannedResult {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [psobject]$Result)

    if (-not $script:planQuestions.ContainsKey($Result.action)) { return $true }
    $name = $Result.thumbprint
    if ($Result.subject) { $name = "$($Result.subject) ($name)" }
    $place = "store $($Result.store)"
    if ($Result.profilePath) { $place = "$place of $($Result.profilePath)" }
    try {
        $agreed = $Cmdlet.ShouldProcess("$name in $place", $script:planQuestions[$Result.action])
    }
    catch {
        # There is nobody to ask: without this the command would go on to the next certificate.
        $Cmdlet.ThrowTerminatingError($_)
    }
    if (-not $agreed -and -not $WhatIfPreference) { Write-Verbose -Message "Left alone, as you chose: $name." }
    $agreed
}

# The engine forgets an abandoned plan; nobody waits for its answer.
function Send-PlanDiscard {
    param([hashtable]$Plan)

    if ($Plan.Engine.Ended) { return }
    $discard = New-EngineRequest -Method 'plan/discard' -Parameters @{ planId = $Plan.Result.planId }
    Send-EngineRequest -Request $discard
    $Plan.Engine.Requests.Remove($discard.Id)
}
