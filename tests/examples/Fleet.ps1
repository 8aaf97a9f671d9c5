# Shared by the tests of examples/intune and examples/configmgr: dot-source it in BeforeAll, after Support.ps1 of tests/module.
# The scripts take no parameters, so copies of them run whose settings at the top are other ones. Where they are to work on folders instead
# of the machine's profiles, those are real profiles and a real backup; nothing stands for the module or its engine.

$script:examples = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'examples'))

function Join-Folder { [System.IO.Path]::Combine([string[]]$args) }

# A copy of a script in which texts that stand there exactly once are replaced. Gives its path.
function New-ScriptCopy {
    param([string]$Script, [System.Collections.IDictionary]$Replace, [string]$Folder)

    $text = [System.IO.File]::ReadAllText((Join-Folder $script:examples $Script))
    foreach ($old in $Replace.Keys) {
        if (($text -split [regex]::Escape($old)).Count -ne 2) { throw "'$old' does not stand exactly once in $Script." }
        $text = $text.Replace($old, $Replace[$old])
    }
    $copy = Join-Folder $Folder "$([guid]::NewGuid().ToString('N')).ps1"
    [System.IO.File]::WriteAllText($copy, $text)
    $copy
}

# Runs a script in a process of its own, as the agents do: its exit code, its output without the last line's end, and its errors.
function Start-ScriptCopy {
    param([string]$Path)

    $start = [System.Diagnostics.ProcessStartInfo]::new((Get-Process -Id $PID).Path)
    foreach ($one in '-NoProfile', '-NonInteractive', '-File', $Path) { $start.ArgumentList.Add($one) }
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $errors = $process.StandardError.ReadToEndAsync()
    $output = $process.StandardOutput.ReadToEnd() -replace '\r?\n\z'
    $process.WaitForExit()
    [pscustomobject]@{ ExitCode = $process.ExitCode; Output = $output; Errors = $errors.Result }
}

# The same in this process, which is faster.
function Invoke-ScriptCopy {
    param([string]$Path)

    $errors = @()
    $output = & $Path 2>&1 3>&1 | ForEach-Object {
        if ($_ -is [System.Management.Automation.ErrorRecord]) { $errors += "$_" }
        else { "$_" }
    }
    [pscustomobject]@{ ExitCode = $LASTEXITCODE; Output = $output -join "`n"; Errors = $errors -join "`n" }
}

# A setting's line with another value, for -Replace.
function Get-Setting {
    param([hashtable]$Setting)

    $defaults = @{
        module        = "'CertProp'"
        profilePath   = '$null'
        backupPath    = '$null'
        expired       = '$true'
        foreignUser   = '$true'
        notOnCard     = '$false'
        marked        = '$false'
        olderThanDays = '0'
    }
    $replace = @{}
    foreach ($name in $Setting.Keys) { $replace["`n`$$name = $($defaults[$name])`n"] = "`n`$$name = $($Setting[$name])`n" }
    $replace
}

# The profiles of ada and bob in a new folder, as make-profiles.mjs has them: the folder, and its thumbprints by name.
function New-ProfileTree {
    param([string]$Folder, [int]$Many = 0)

    $node = @(Get-Command -Name node -CommandType Application)[0].Source
    $profiles = Join-Folder $Folder ([guid]::NewGuid().ToString('N'))
    $make = Join-Folder $PSScriptRoot '..' 'module' 'fixtures' 'make-profiles.mjs'
    $made = ConvertFrom-Json -InputObject (& $node $make $profiles $Many)
    [pscustomobject]@{ Path = $profiles; Thumbprint = $made }
}

# The thumbprints of all that a user's store holds, sorted.
function Get-Stored {
    param([psobject]$Tree, [string]$User)

    (Get-ChildItem -LiteralPath (Get-StoreFolder -Tree $Tree -User $User)).Name | Sort-Object
}

function Get-StoreFolder {
    param([psobject]$Tree, [string]$User)

    Join-Folder $Tree.Path $User 'AppData' 'Roaming' 'Microsoft' 'SystemCertificates' 'My' 'Certificates'
}
