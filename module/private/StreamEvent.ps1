# An event of the contract (StreamEvent) as PowerShell shows it. Certificates and results are output as they are.
function Write-StreamEvent {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [psobject]$StreamEvent)

    switch ($StreamEvent.kind) {
        'error' { $Cmdlet.WriteError((ConvertTo-ErrorRecord -ErrorData $StreamEvent.error)) }
        'warning' { Write-CmdletWarning -Cmdlet $Cmdlet -Message $StreamEvent.error.message }
        'verbose' { Write-Verbose -Message $StreamEvent.message }
        'change' { Write-Verbose -Message (Get-ChangeMessage -StreamEvent $StreamEvent) }
        'debug' { Write-Debug -Message $StreamEvent.message }
        'progress' { Write-EngineProgress -StreamEvent $StreamEvent }
        default { $StreamEvent }
    }
}

function Get-ChangeMessage {
    param([psobject]$StreamEvent)

    if ($StreamEvent.change -eq 'Inserted') { "A card was inserted into the reader '$($StreamEvent.readerName)'." }
    else { "The card was removed from the reader '$($StreamEvent.readerName)'." }
}

# As the cmdlet's own warning, which its -WarningVariable takes. With -Debug such a warning would ask whether to go on.
function Write-CmdletWarning {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Message)

    if ($Cmdlet.MyInvocation.BoundParameters.ContainsKey('Debug')) { Write-Warning -Message $Message }
    else { $Cmdlet.WriteWarning($Message) }
}

function Write-EngineProgress {
    param([psobject]$StreamEvent)

    $done = $StreamEvent.done
    $total = $StreamEvent.total
    if ($done -eq $total) {
        Write-Progress -Activity $StreamEvent.activity -Completed
        return
    }
    $progress = @{ Activity = $StreamEvent.activity; Status = "$done" }
    if ($null -ne $total) {
        $progress.Status = "$done of $total"
        $progress.PercentComplete = [int][System.Math]::Floor(100 * $done / $total)
    }
    if ($null -ne $StreamEvent.secondsLeft) { $progress.SecondsRemaining = $StreamEvent.secondsLeft }
    Write-Progress @progress
}
