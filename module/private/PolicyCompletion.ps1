# The policies' names for -Name, with what they come to. A completer never fails and never keeps the prompt waiting for long.
function Complete-PolicyName {
    [CmdletBinding()]
    param([string]$WordToComplete)

    $request = New-EngineRequest -Method 'policy/read' -Parameters @{}
    $request.Deadline = [datetime]::UtcNow.AddSeconds(3)
    Invoke-EngineRequest -Cmdlet $PSCmdlet -Request $request
    if ($request.Failure) { return }
    $start = $WordToComplete.Trim('"', "'")
    foreach ($policy in $request.Result.policies) {
        $name = $policy.name
        if ($name.StartsWith($start, [System.StringComparison]::OrdinalIgnoreCase)) {
            [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', "$($policy.effective): $($policy.description)")
        }
    }
}
