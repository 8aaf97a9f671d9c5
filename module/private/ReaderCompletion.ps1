# The readers' names for -Reader. A completer never fails and never keeps the prompt waiting for long.
function Complete-ReaderName {
    [CmdletBinding()]
    param([string]$WordToComplete)

    $request = New-EngineRequest -Method 'reader/list' -Parameters @{}
    $request.Deadline = [datetime]::UtcNow.AddSeconds(3)
    Invoke-EngineRequest -Cmdlet $PSCmdlet -Request $request
    if ($request.Failure) { return }
    $start = $WordToComplete.Trim('"', "'")
    foreach ($reader in $request.Result.readers) {
        $name = $reader.readerName
        if ($name.StartsWith($start, [System.StringComparison]::OrdinalIgnoreCase)) {
            [System.Management.Automation.CompletionResult]::new((ConvertTo-ArgumentText -Text $name), $name, 'ParameterValue', "$name ($($reader.status))")
        }
    }
}

# Text as it can stand on a command line.
function ConvertTo-ArgumentText {
    param([string]$Text)

    if ($Text -match '\A[A-Za-z0-9_][A-Za-z0-9_.-]*\z') { return $Text }
    "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($Text) + "'"
}
