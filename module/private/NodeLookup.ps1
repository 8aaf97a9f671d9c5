$script:neededNode = '20.19'

# The Node.js that runs the engine: the one shipped with the module, else CERTPROP_NODE, else node on PATH.
function Find-Node {
    $name = 'node'
    if ([System.Environment]::OSVersion.Platform -eq [System.PlatformID]::Win32NT) { $name = 'node.exe' }
    $bundled = [System.IO.Path]::Combine((Get-EngineFolder), $name)
    if ([System.IO.File]::Exists($bundled)) { return $bundled }

    $chosen = [System.Environment]::GetEnvironmentVariable('CERTPROP_NODE')
    if ($chosen) {
        if ([System.IO.Path]::IsPathRooted($chosen) -and [System.IO.File]::Exists($chosen)) { return $chosen }
        $message = "The environment variable CERTPROP_NODE must hold the full path of a Node.js executable ($script:neededNode or later); '$(ConvertTo-VisibleText $chosen)' is none. Correct it or remove it."
        throw (New-ErrorRecord -Id NodeNotFound -Message $message -TargetObject $chosen)
    }

    $found = @(Get-Command -Name $name -CommandType Application -ErrorAction Ignore)
    if ($found.Count -gt 0) { return $found[0].Source }
    $message = "CertProp needs Node.js $script:neededNode or later and found none on PATH. Install it (https://nodejs.org), or let the environment variable CERTPROP_NODE hold the full path of its executable."
    throw (New-ErrorRecord -Id NodeNotFound -Message $message)
}

function Get-EngineFolder {
    [System.IO.Path]::Combine($ExecutionContext.SessionState.Module.ModuleBase, 'engine')
}
