# The launcher's exit code when Node.js is too old.
$script:nodeTooOldExitCode = 3

# The exit code of an engine whose output has ended; null while it is still there.
function Get-EngineExitCode {
    param([hashtable]$Engine)

    if ($Engine.Process.WaitForExit(1000)) { $Engine.Process.ExitCode }
}

# Why the engine didn't answer, with what it wrote to its standard error.
function New-EngineEndedRecord {
    param([hashtable]$Request)

    $engine = $Request.Engine
    $exitCode = Get-EngineExitCode -Engine $engine
    $said = Get-EngineErrorText -Engine $engine
    if ($engine.Fault) {
        $id = 'EngineProtocol'
        $message = "CertProp's engine sent something that is not its protocol ($($engine.Fault)) and was ended. Run the command again; if it comes again, please report it.$said"
    }
    elseif ($exitCode -eq $script:nodeTooOldExitCode) {
        $id = 'NodeTooOld'
        $message = "CertProp needs Node.js $script:neededNode or later; '$($engine.Node)' is older. Install a newer one, or let the environment variable CERTPROP_NODE hold the full path of one.$said"
    }
    else {
        $id = 'EngineEnded'
        $message = "CertProp's engine ended (exit code $exitCode) before it answered '$($Request.Method)'. Run the command again.$said"
    }
    New-ErrorRecord -Id $id -Message $message -TargetObject $engine.Node
}

function Get-EngineErrorText {
    param([hashtable]$Engine)

    if (-not $Engine.Errors.Wait(1000)) { return '' }
    $text = $Engine.Errors.Result.Trim()
    if (-not $text) { return '' }
    if ($text.Length -gt 2000) { $text = $text.Substring($text.Length - 2000) }
    " It said: $text"
}
