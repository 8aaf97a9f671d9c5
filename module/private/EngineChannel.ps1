# The engine's two pipes: bytes out, messages in. No wait is longer than a moment, so that a pipeline can be stopped at any time.

# Milliseconds of one wait.
$script:moment = 50

# Writes and goes on reading meanwhile: an engine that waits until it can write might not read.
function Write-EngineInput {
    param([hashtable]$Engine, [byte[]]$Bytes, [int]$Limit = -1)

    $writing = $null
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    try {
        $writing = $Engine.Input.WriteAsync($Bytes, 0, $Bytes.Length)
        while (-not $writing.IsCompleted -and ($Limit -lt 0 -or $clock.ElapsedMilliseconds -lt $Limit)) {
            $null = Read-EngineOutput -Engine $Engine
        }
    }
    catch [System.Management.Automation.MethodInvocationException] {
        # The pipe is closed: the engine has ended, which reading will show.
        $null = $_
    }
    finally {
        if ($null -ne $writing) { Complete-Write -Engine $Engine -Writing $writing }
    }
}

# Nothing can follow half a message: an engine that doesn't take the rest is of no more use.
function Complete-Write {
    param([hashtable]$Engine, [System.Threading.Tasks.Task]$Writing)

    try {
        if ($Writing.Wait($script:moment)) { $Engine.Input.Flush() } else { Stop-Engine -Grace 0 }
    }
    catch [System.Management.Automation.MethodInvocationException] {
        $null = $_
    }
}

# Waits a moment for output of the engine and hands its messages to their requests. False when the engine has ended.
# The pipeline can be stopped between any two statements: each leaves a state from which the next command can go on.
function Read-EngineOutput {
    param([hashtable]$Engine)

    if ($Engine.Ended) { return $false }
    try {
        if (-not $Engine.Reading.Wait($script:moment)) { return $true }
        if (-not [object]::ReferenceEquals($Engine.Received.From, $Engine.Reading)) {
            $count = $Engine.Reading.Result
            if ($count -eq 0) {
                $Engine.Ended = $true
                return $false
            }
            $Engine.Received = Join-ReceivedData -Received $Engine.Received -Chunk $Engine.Chunk -Count $count -From $Engine.Reading
        }
        Send-ReceivedMessage -Engine $Engine
        $Engine.Reading = $Engine.Output.ReadAsync($Engine.Chunk, 0, $Engine.Chunk.Length)
        $true
    }
    catch {
        $Engine.Fault = $_.Exception.GetBaseException().Message
        $Engine.Ended = $true
        $false
    }
}

function Send-ReceivedMessage {
    param([hashtable]$Engine)

    while ($Engine.Received.Start -lt $Engine.Received.Bytes.Length) {
        $found = Find-Message -Received $Engine.Received
        if ($null -eq $found) { return }
        Send-ToRequest -Engine $Engine -Message (ConvertFrom-EngineJson -Json $found.Json)
        $Engine.Received.Start = $found.End
    }
}

# A message for a request that was cancelled is dropped.
function Send-ToRequest {
    param([hashtable]$Engine, [psobject]$Message)

    $id = Get-Field -InputObject $Message -Name id
    if ((Get-Field -InputObject $Message -Name method) -eq '$/progress') { $id = $Message.params.token }
    if ($id -is [int] -or $id -is [long]) {
        $request = $Engine.Requests[[int]$id]
        if ($null -ne $request) { $request.Messages.Enqueue($Message) }
    }
}

function Get-Field {
    param([psobject]$InputObject, [string]$Name)

    $property = $InputObject.PSObject.Properties[$Name]
    if ($null -ne $property) { $property.Value }
}
