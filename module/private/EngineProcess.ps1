# The engine of this runspace; null until the first request.
$script:engine = $null

# Milliseconds after which an engine without work ends by itself.
$script:idleLimit = 600000
# Milliseconds for the engine to end after the end of its input: it finishes a card write that it has begun, which takes at most 10 s.
$script:endGrace = 11000

# The engine that takes requests: the running one, else a new one.
function Get-Engine {
    $engine = $script:engine
    if ($null -ne $engine -and -not $engine.Ended -and -not $engine.Process.HasExited) { return $engine }
    Stop-Engine
    $script:engine = Start-Engine
    $script:engine
}

function Start-Engine {
    $folder = Get-EngineFolder
    $script = [System.IO.Path]::Combine($folder, 'certprop.cjs')
    if (-not [System.IO.File]::Exists($script)) {
        $message = "CertProp's engine is missing: there is no file '$script'. Install the module again; in its source folder, run 'npm ci' and 'npm run build'."
        throw (New-ErrorRecord -Id EngineMissing -Message $message -TargetObject $script)
    }
    $node = Find-Node
    if (Test-Elevated) {
        $files = [System.IO.Directory]::GetFiles($folder, '*', [System.IO.SearchOption]::AllDirectories)
        Assert-TrustedFile -Path (@($node) + $files)
    }
    $process = Start-NodeProcess -Node $node -Script $script -Folder $folder
    $output = $process.StandardOutput.BaseStream
    $chunk = [byte[]]::new(65536)
    $engine = @{
        Process  = $process
        Node     = $node
        Input    = $process.StandardInput.BaseStream
        Output   = $output
        Errors   = $process.StandardError.ReadToEndAsync()
        # A read into Chunk is always under way, also between commands: nothing can take it back.
        Chunk    = $chunk
        Reading  = $output.ReadAsync($chunk, 0, $chunk.Length)
        Received = New-ReceivedData
        # Requests without an answer, by their id, which is their progress token too.
        Requests = @{}
        LastId   = 0
        # True once nothing more can come from it; Fault says why if it was not the engine's own doing.
        Ended    = $false
        Fault    = $null
        Runspace = [System.Management.Automation.Runspaces.Runspace]::DefaultRunspace
        OnState  = New-RunspaceCloser -Writer $process.StandardInput
    }
    $engine.Runspace.add_StateChanged($engine.OnState)
    $engine
}

function Start-NodeProcess {
    param([string]$Node, [string]$Script, [string]$Folder)

    # Windows' rules for an argument in quotes, which .NET follows everywhere. A path has no quotes except on Unix.
    $quoted = '"' + [regex]::Replace($Script, '(\\*)"', '$1$1\"') + '"'
    $start = [System.Diagnostics.ProcessStartInfo]::new($Node)
    # Most of what the engine makes is gone at once: a small young generation keeps its memory small however much it reads. One thread
    # beside it collects and compiles: more of them take the processors from the work, and memory too.
    $start.Arguments = "--max-semi-space-size=4 --v8-pool-size=1 $quoted --parent $PID --idle $script:idleLimit"
    $start.WorkingDirectory = $Folder
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.StandardErrorEncoding = [System.Text.Encoding]::UTF8
    $start.Environment.Clear()
    $environment = New-EngineEnvironment
    foreach ($name in $environment.Keys) { $start.Environment[$name] = $environment[$name] }
    try {
        [System.Diagnostics.Process]::Start($start)
    }
    catch {
        $message = "CertProp's engine could not be started with '$Node': $($_.Exception.GetBaseException().Message) Check that this is Node.js $script:neededNode or later for this system, or let the environment variable CERTPROP_NODE hold the full path of one."
        throw (New-ErrorRecord -Id EngineNotStarted -Message $message -TargetObject $Node)
    }
}

# Ends the engine, if there is one, by the end of its input.
function Stop-Engine {
    param([int]$Grace = $script:endGrace)

    $engine = $script:engine
    if ($null -eq $engine) { return }
    $script:engine = $null
    $engine.Ended = $true
    $engine.Runspace.remove_StateChanged($engine.OnState)
    try { $engine.Process.StandardInput.Close() } catch [System.IO.IOException] { $null = $_ }
    if (-not $engine.Process.WaitForExit($Grace)) { $engine.Process.Kill() }
}

# A delegate that closes the engine's input when the runspace closes. It is compiled, because no script can run then.
function New-RunspaceCloser {
    param([System.IO.StreamWriter]$Writer)

    $expression = [System.Linq.Expressions.Expression]
    $source = $expression::Parameter([object], 'source')
    $change = $expression::Parameter([System.Management.Automation.Runspaces.RunspaceStateEventArgs], 'change')
    $state = $expression::Property($expression::Property($change, 'RunspaceStateInfo'), 'State')
    # Closed, Closing and Broken follow upon each other; what comes after them are states of a connection.
    $closed = $expression::Constant([int][System.Management.Automation.Runspaces.RunspaceState]::Closed)
    $ends = $expression::GreaterThanOrEqual($expression::Convert($state, [int]), $closed)
    $close = $expression::Call($expression::Constant($Writer), [System.IO.StreamWriter].GetMethod('Close', [type[]]@()))
    # The engine may have ended before; an exception here would hinder the runspace's own closing.
    $safely = $expression::TryCatch($close, $expression::Catch([System.Exception], $expression::Empty()))
    $type = [System.EventHandler[System.Management.Automation.Runspaces.RunspaceStateEventArgs]]
    $body = $expression::IfThen($ends, $safely)
    $expression::Lambda($type, $body, [System.Linq.Expressions.ParameterExpression[]]@($source, $change)).Compile()
}
