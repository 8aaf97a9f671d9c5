# JSON-RPC 2.0 requests to the engine (engine/rpc/contract.ts). Nothing here waits in one piece for longer than a moment,
# so that Ctrl+C and 'Select-Object -First 1' end a command at once; the engine is told by the request's 'finally'.

# These answer at once and stream nothing.
$script:plainMethods = 'engine/info', 'reader/list', 'plan/discard'
# What these leave behind depends on how far they came: never sent again unasked.
$script:unrepeatableMethods = 'plan/apply', 'counter/write', 'cache/read', 'card/add-certificate', 'card/remove-certificate'

function New-EngineRequest {
    param([string]$Method, [hashtable]$Parameters)

    @{
        Method     = $Method
        Parameters = $Parameters
        # A field of the parameters as bytes of JSON ('"name":value,'), for what must not be in a string. Wiped once it is sent.
        Secret     = $null
        Engine     = $null
        Id         = 0
        TimesSent  = 0
        Messages   = [System.Collections.Generic.Queue[object]]::new()
        Streamed   = $false
        Answered   = $false
        Result     = $null
        Failure    = $null
        Deadline   = [datetime]::MaxValue
    }
}

# Carries a request out. Certificates and results are output as they come, the rest goes to the cmdlet's other streams;
# the answer is left in the request's Result, or an error record in its Failure.
function Invoke-EngineRequest {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [hashtable]$Request)

    try {
        while (-not $Request.Answered -and -not $Request.Failure) {
            $message = $null
            # Nothing is output inside: an error of a command further down the pipeline is none of ours.
            try { $message = Step-EngineRequest -Request $Request } catch { $Request.Failure = Copy-ErrorRecord -ErrorRecord $_ }
            if ($null -ne $message) { Write-EngineMessage -Cmdlet $Cmdlet -Request $Request -Message $message }
        }
    }
    finally {
        Complete-EngineRequest -Request $Request
    }
}

# Sends the request if the engine hasn't got it, and gives the next message for it.
function Step-EngineRequest {
    param([hashtable]$Request)

    if ($null -eq $Request.Engine) { Send-EngineRequest -Request $Request }
    $message = Receive-EngineMessage -Request $Request
    if ($null -ne $message) { return $message }
    if (-not $Request.Engine.Ended) {
        $Request.Failure = New-ErrorRecord -Id EngineLate -Message "CertProp's engine did not answer '$($Request.Method)' in time."
    }
    elseif (Test-Repeatable -Request $Request) {
        $Request.Engine = $null
    }
    else {
        Stop-Engine
        $Request.Failure = New-EngineEndedRecord -Request $Request
    }
}

# Carries out a request without which the command can't go on.
function Invoke-NeededRequest {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [hashtable]$Request)

    Invoke-EngineRequest -Cmdlet $Cmdlet -Request $Request
    if ($Request.Failure) { $Cmdlet.ThrowTerminatingError($Request.Failure) }
}

# Throws an error record when there is no engine or the request is too long.
function Send-EngineRequest {
    param([hashtable]$Request)

    $engine = Get-Engine
    $engine.LastId++
    $Request.Id = $engine.LastId
    $body = ConvertTo-RequestBody -Request $Request
    if ($body.Length -gt $script:messageLimit) {
        $message = "This is too much for one command ($($body.Length) bytes; the limit is $script:messageLimit). Pass fewer certificates at once."
        throw (New-ErrorRecord -Id MessageTooLarge -Message $message)
    }
    $Request.Engine = $engine
    $Request.TimesSent++
    $engine.Requests[$Request.Id] = $Request
    $frame = ConvertTo-MessageFrame -Body $body
    try {
        Write-EngineInput -Engine $engine -Bytes $frame
    }
    finally {
        Clear-Secret -Request $Request
        [System.Array]::Clear($body, 0, $body.Length)
        [System.Array]::Clear($frame, 0, $frame.Length)
    }
}

function ConvertTo-RequestBody {
    param([hashtable]$Request)

    $parameters = $Request.Parameters.Clone()
    if ($Request.Method -notin $script:plainMethods) {
        $parameters.progressToken = $Request.Id
        $parameters.trace = Get-TraceLevel
    }
    $ascii = [System.Text.Encoding]::ASCII
    $head = $ascii.GetBytes('{"jsonrpc":"2.0","id":' + $Request.Id + ',"method":"' + $Request.Method + '","params":{')
    $tail = $ascii.GetBytes((ConvertTo-AsciiJson -Value $parameters).Substring(1) + '}')
    $secret = [byte[]]@()
    if ($null -ne $Request.Secret) { $secret = $Request.Secret }
    $body = [byte[]]::new($head.Length + $secret.Length + $tail.Length)
    [System.Buffer]::BlockCopy($head, 0, $body, 0, $head.Length)
    [System.Buffer]::BlockCopy($secret, 0, $body, $head.Length, $secret.Length)
    [System.Buffer]::BlockCopy($tail, 0, $body, $head.Length + $secret.Length, $tail.Length)
    , $body
}

# The next message for a request; nothing when the engine has ended or the deadline has passed.
function Receive-EngineMessage {
    param([hashtable]$Request)

    while ($Request.Messages.Count -eq 0) {
        if (-not (Read-EngineOutput -Engine $Request.Engine)) { return }
        if ([datetime]::UtcNow -gt $Request.Deadline) { return }
    }
    $Request.Messages.Dequeue()
}

function Write-EngineMessage {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [hashtable]$Request, [psobject]$Message)

    if (Get-Field -InputObject $Message -Name method) {
        $Request.Streamed = $true
        Write-StreamEvent -Cmdlet $Cmdlet -StreamEvent $Message.params.value
        return
    }
    $Request.Answered = $true
    $problem = Get-Field -InputObject $Message -Name error
    if ($null -ne $problem) { $Request.Failure = ConvertTo-FailureRecord -Problem $problem }
    else { $Request.Result = $Message.result }
}

# A JSON-RPC error: with the product's own error, or naming a wrong parameter.
function ConvertTo-FailureRecord {
    param([psobject]$Problem)

    $data = Get-Field -InputObject $Problem -Name data
    if ($null -ne $data -and (Get-Field -InputObject $data -Name id)) { return ConvertTo-ErrorRecord -ErrorData $data }
    $id = 'InternalError'
    if ($Problem.code -eq -32602) { $id = 'InvalidParams' }
    New-ErrorRecord -Id $id -Message $Problem.message
}

# An engine that ended before it did anything for the request, by idleness at that very moment or else, is started once more.
function Test-Repeatable {
    param([hashtable]$Request)

    $Request.TimesSent -eq 1 -and -not $Request.Streamed -and -not $Request.Engine.Fault -and
    $Request.Method -notin $script:unrepeatableMethods -and (Get-EngineExitCode -Engine $Request.Engine) -ne $script:nodeTooOldExitCode
}

# A request that got no answer is cancelled. Runs in 'finally' blocks, also while the pipeline is being stopped.
function Complete-EngineRequest {
    param([hashtable]$Request)

    Clear-Secret -Request $Request
    $engine = $Request.Engine
    if ($null -eq $engine) { return }
    $engine.Requests.Remove($Request.Id)
    if ($Request.Answered -or $engine.Ended) { return }
    $json = '{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":' + $Request.Id + '}}'
    $frame = ConvertTo-MessageFrame -Body ([System.Text.Encoding]::ASCII.GetBytes($json))
    Write-EngineInput -Engine $engine -Bytes $frame -Limit 100
}

function Clear-Secret {
    param([hashtable]$Request)

    if ($null -ne $Request.Secret) { [System.Array]::Clear($Request.Secret, 0, $Request.Secret.Length) }
    $Request.Secret = $null
}
