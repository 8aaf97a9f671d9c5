# The engine's process and the conversation with it, against an engine that misbehaves on demand.

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, 'Support.ps1'))
}

Describe 'The engine' {
    BeforeEach {
        $folder = New-ModuleCopy
        Import-ModuleCopy -Folder $folder
    }
    AfterEach { Remove-ModuleCopy -Folder $folder }

    It 'is started by the first command, in its own folder, with its parent and its idle time, and serves the next ones' {
        $null = Get-CardCertificate -Reader none
        $null = Get-CardCertificate -Reader none
        $starts = @(Get-EngineLog -Folder $folder | Where-Object { $_.PSObject.Properties['start'] })
        $starts.Count | Should -Be 1
        $starts[0].start | Should -Be '--parent', "$PID", '--idle', '600000'
        $starts[0].directory | Should -Be ([System.IO.Path]::Combine($folder, 'engine'))
    }

    It 'gets nothing of the environment that changes what Node.js does' {
        $set = @{
            NODE_OPTIONS        = '--require=/nowhere.js'
            NODE_PATH           = '/nowhere'
            OPENSSL_CONF        = '/nowhere'
            LD_PRELOAD          = '/nowhere.so'
            LD_LIBRARY_PATH     = '/nowhere'
            NODE_EXTRA_CA_CERTS = '/nowhere'
            SECRET_OF_MINE      = 'x'
        }
        foreach ($name in $set.Keys) { [System.Environment]::SetEnvironmentVariable($name, $set[$name]) }
        try {
            $text = Get-CardCertificate -Reader environment -Verbose 4>&1
        }
        finally {
            foreach ($name in $set.Keys) { [System.Environment]::SetEnvironmentVariable($name, $null) }
        }
        $environment = ConvertFrom-Json -InputObject $text.Message
        $environment.UV_THREADPOOL_SIZE | Should -Be '64'
        foreach ($name in $set.Keys) { $environment.PSObject.Properties.Name | Should -Not -Contain $name }
    }

    It 'is found on PATH, or named by CERTPROP_NODE' {
        $elsewhere = [System.IO.Path]::Combine((Split-Path -Path $folder -Parent), 'my node')
        Copy-Item -LiteralPath (Get-Command -Name node -CommandType Application)[0].Source -Destination $elsewhere
        $env:CERTPROP_NODE = $elsewhere
        try {
            Get-CardCertificate -Reader none | Should -BeNullOrEmpty
            (Get-Process -Id (Get-EngineProcessId -Folder $folder)).Path | Should -Be $elsewhere
        }
        finally { $env:CERTPROP_NODE = $null }
    }

    It 'is run by the bundled Node.js first' {
        $name = (Get-Command -Name node -CommandType Application)[0].Name
        $bundled = [System.IO.Path]::Combine($folder, 'engine', $name)
        Copy-Item -LiteralPath (Get-Command -Name node -CommandType Application)[0].Source -Destination $bundled
        $env:CERTPROP_NODE = '/nowhere/node'
        try {
            Get-CardCertificate -Reader none | Should -BeNullOrEmpty
            (Get-Process -Id (Get-EngineProcessId -Folder $folder)).Path | Should -Be $bundled
        }
        finally { $env:CERTPROP_NODE = $null }
    }

    It 'is not run when CERTPROP_NODE names no file' {
        $env:CERTPROP_NODE = 'node'
        try { { Get-CardCertificate } | Should -Throw -ErrorId 'NodeNotFound,Get-CardCertificate' }
        finally { $env:CERTPROP_NODE = $null }
    }

    It 'is not run when there is no Node.js' {
        $path = $env:PATH
        $env:PATH = $folder
        try { { Get-CardCertificate } | Should -Throw -ErrorId 'NodeNotFound,Get-CardCertificate' }
        finally { $env:PATH = $path }
    }

    It 'tells which Node.js is too old' {
        Set-Content -LiteralPath ([System.IO.Path]::Combine($folder, 'engine', 'certprop.cjs')) -Value 'process.stderr.write("This is 18.0.0."); process.exit(3)'
        { Get-CardCertificate } | Should -Throw '*20.19*node*CERTPROP_NODE*18.0.0*' -ErrorId 'NodeTooOld,Get-CardCertificate'
    }

    It 'is missing before it was built, which the error says' {
        Remove-Item -LiteralPath ([System.IO.Path]::Combine($folder, 'engine', 'certprop.cjs'))
        { Get-CardCertificate } | Should -Throw '*npm run build*' -ErrorId 'EngineMissing,Get-CardCertificate'
    }

    It 'ends when the module is removed' {
        $null = Get-CardCertificate -Reader none
        $id = Get-EngineProcessId -Folder $folder
        Remove-Module -Name CertProp
        Test-ProcessRunning -Id $id | Should -BeFalse
    }

    It 'ends when its runspace closes' {
        $powershell = New-PowerShell -Folder $folder
        $null = Invoke-InPowerShell -PowerShell $powershell -Script 'Get-CardCertificate -Reader none'
        $id = Get-EngineProcessId -Folder $folder
        Test-ProcessRunning -Id $id | Should -BeTrue
        $powershell.Runspace.Close()
        Wait-Until { -not (Test-ProcessRunning -Id $id) }
        (Get-EngineLog -Folder $folder)[-1].end | Should -BeTrue
    }

    It 'ends when its runspace closes in the middle of a command' {
        $powershell = New-PowerShell -Folder $folder
        $null = $powershell.AddScript('Get-CardCertificate -Reader never').BeginInvoke()
        Wait-Until { Get-EngineMessage -Folder $folder -Method 'certificate/list' }
        $powershell.Runspace.Close()
        $id = Get-EngineProcessId -Folder $folder
        Wait-Until { -not (Test-ProcessRunning -Id $id) }
    }

    It 'is started again unseen when it ended by itself' {
        $null = Get-CardCertificate -Reader none
        Stop-Process -Id (Get-EngineProcessId -Folder $folder)
        Wait-Until { -not (Test-ProcessRunning -Id (Get-EngineProcessId -Folder $folder)) }
        (Get-CardCertificate -Reader three).Count | Should -Be 3
        (Get-EngineProcessId -Folder $folder).Count | Should -Be 2
    }

    It 'is started again once when it dies before it gave anything' {
        (Get-CardCertificate -Reader dieOnce).Count | Should -Be 3
        (Get-EngineProcessId -Folder $folder).Count | Should -Be 2
    }

    It 'is not started a third time, and the error has what it said' {
        { Get-CardCertificate -Reader dieAlways } | Should -Throw '*exit code 6*no luck*' -ErrorId 'EngineEnded,Get-CardCertificate'
        (Get-EngineProcessId -Folder $folder).Count | Should -Be 2
    }

    It 'is not started again when it dies in the middle; what came is output' {
        $found = [System.Collections.Generic.List[object]]::new()
        { Get-CardCertificate -Reader dieAfterOne | ForEach-Object { $found.Add($_) } } |
            Should -Throw '*exit code 5*out of cards*' -ErrorId 'EngineEnded,Get-CardCertificate'
        $found.Count | Should -Be 1
        (Get-EngineProcessId -Folder $folder).Count | Should -Be 1
        (Get-CardCertificate -Reader three).Count | Should -Be 3
    }

    It 'never gets a PIN twice' {
        $pin = ConvertTo-SecureString -String 'dies' -AsPlainText -Force
        Set-CardCacheCounter -Reader One -Increment File -Pin $pin -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem[0].FullyQualifiedErrorId | Should -Be 'EngineEnded,Set-CardCacheCounter'
        @(Get-EngineMessage -Folder $folder -Method 'counter/write').Count | Should -Be 1
    }

    It 'is ended when it sends what is not the protocol (<_>)' -ForEach 'garbage', 'oversized' {
        { Get-CardCertificate -Reader $_ } | Should -Throw -ErrorId 'EngineProtocol,Get-CardCertificate'
        Test-ProcessRunning -Id (Get-EngineProcessId -Folder $folder) | Should -BeFalse
        (Get-CardCertificate -Reader three).Count | Should -Be 3
    }

    It 'is one for each of several runspaces at the same time' {
        $pool = [runspacefactory]::CreateRunspacePool(3, 3)
        $pool.Open()
        $running = foreach ($number in 1..6) {
            $powershell = [powershell]::Create()
            $powershell.RunspacePool = $pool
            $null = $powershell.AddScript({
                    param($Path)
                    Import-Module -Name $Path
                    Get-CardCertificate -Reader big
                }).AddArgument([System.IO.Path]::Combine($folder, 'CertProp.psd1'))
            @{ PowerShell = $powershell; Handle = $powershell.BeginInvoke() }
        }
        foreach ($one in $running) {
            $one.PowerShell.EndInvoke($one.Handle).Count | Should -Be 20
            $one.PowerShell.Streams.Error | Should -BeNullOrEmpty
        }
        $pool.Close()
        foreach ($id in Get-EngineProcessId -Folder $folder) { Wait-Until { -not (Test-ProcessRunning -Id $id) } }
    }

    It 'works in ForEach-Object -Parallel' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        $path = [System.IO.Path]::Combine($folder, 'CertProp.psd1')
        $counts = [scriptblock]::Create('param($path) 1..4 | ForEach-Object -ThrottleLimit 2 -Parallel { Import-Module -Name $using:path; @(Get-CardCertificate -Reader three).Count }')
        & $counts $path | Should -Be 3, 3, 3, 3
    }
}

Describe 'A request' {
    BeforeAll {
        $folder = New-ModuleCopy
        Import-ModuleCopy -Folder $folder
        $null = Get-CardCertificate -Reader none
        $processId = Get-EngineProcessId -Folder $folder
    }
    AfterAll { Remove-ModuleCopy -Folder $folder }
    AfterEach { Get-EngineProcessId -Folder $folder | Should -Be $processId }

    It 'gives every certificate with all properties of the data model' {
        $certificate = @(Get-CardCertificate -Reader three)[2]
        $certificate.PSObject.TypeNames[0] | Should -Be 'CertProp.CardCertificate'
        $certificate.PSObject.Properties.Name | Should -Be @(
            'Thumbprint', 'Subject', 'Issuer', 'SerialNumber', 'NotBefore', 'NotAfter', 'Upn', 'KeyAlgorithm', 'ReaderName'
            'CardId', 'CardFamily', 'Container', 'KeySpec', 'FileName', 'Slot', 'IsDefault', 'IsRoot', 'RawData')
        $certificate.Thumbprint | Should -Be ('0' * 39 + '2')
        $certificate.NotBefore | Should -Be ([datetime]::new(2020, 1, 2, 3, 4, 5, [System.DateTimeKind]::Utc).ToLocalTime())
        $certificate.NotBefore.Kind | Should -Be 'Local'
        $certificate.Upn | Should -BeNullOrEmpty
    }

    It 'keeps text as it is, also when it looks like a date, and dates within what can be shown' {
        $certificate = Get-CardCertificate -Reader odd
        $certificate.Container | Should -BeOfType [string]
        $certificate.Container | Should -BeExactly '2024-01-01T00:00:00Z'
        $certificate.Subject | Should -BeExactly ('CN=' + [char]0xC4 + [char]0x20AC + [char]::ConvertFromUtf32(0x1F600))
        $certificate.NotBefore.Year | Should -Be 1
    }

    It 'may be answered with much' {
        $certificates = Get-CardCertificate -Reader big
        $certificates.Count | Should -Be 20
        $certificates[19].RawData.Length | Should -Be 300000
    }

    It 'may be long itself' {
        Get-CardCertificate -Reader (@('none') + (1..5000 | ForEach-Object { "Some reader's long name with the number $_" })) | Should -BeNullOrEmpty
    }

    It 'may not be longer than a message' {
        { Get-CardCertificate -Reader (@('none') + ('x' * 1048576)) } | Should -Throw -ErrorId 'MessageTooLarge,Get-CardCertificate'
    }

    It 'makes errors of single readers records that do not stop the rest' {
        $found = Get-CardCertificate -Reader events -ErrorVariable problem -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $found.Thumbprint | Should -Be ('0' * 39 + '1')
        $problem.Count | Should -Be 1
        $problem[0].FullyQualifiedErrorId | Should -Be 'ReaderBusy,Get-CardCertificate'
        $problem[0].CategoryInfo.Category | Should -Be 'ResourceBusy'
        $problem[0].TargetObject | Should -Be 'Fake Reader [0] 00'
        $problem[0].Exception.Message | Should -Be 'held by another'
        $problem[0].Exception.Data['hresult'] | Should -Be 0x8010000BL
    }

    It 'stops at the first such error with -ErrorAction Stop, and tells the engine' {
        { Get-CardCertificate -Reader events -ErrorAction Stop -WarningAction SilentlyContinue } | Should -Throw -ErrorId 'ReaderBusy,Get-CardCertificate'
        $sent = @(Get-EngineMessage -Folder $folder -Method 'certificate/list')[-1]
        (Get-CardCertificate -Reader three).Count | Should -Be 3
        @(Get-EngineMessage -Folder $folder -Method '$/cancelRequest')[-1].params.id | Should -Be $sent.id
    }

    It 'writes <Stream> only when it is wanted, and asks the engine for <Trace>' -ForEach @(
        @{ Stream = 'nothing'; Options = @{}; Trace = 'None'; Expected = @('careful') }
        @{ Stream = 'verbose messages'; Options = @{ Verbose = $true }; Trace = 'Verbose'; Expected = @('reading', 'careful') }
        @{ Stream = 'debug messages'; Options = @{ Debug = $true }; Trace = 'Debug'; Expected = @('trace Debug', 'careful') }
    ) {
        $all = Get-CardCertificate -Reader events @Options -ErrorAction SilentlyContinue 3>&1 4>&1 5>&1
        $messages = $all | Where-Object { $_ -is [System.Management.Automation.InformationalRecord] } | ForEach-Object { $_.Message }
        $messages | Should -Be $Expected
        @(Get-EngineMessage -Folder $folder -Method 'certificate/list')[-1].params.trace | Should -Be $Trace
    }

    It 'does not ask at debug messages where the preference says so' {
        $DebugPreference = 'Inquire'
        $all = Get-CardCertificate -Reader events -ErrorAction SilentlyContinue -WarningAction SilentlyContinue 5>&1
        $all[0].Message | Should -Be 'trace Debug'
    }

    It 'that fails as a whole ends the command with its error' {
        { Get-CardCertificate -Reader failing } | Should -Throw 'no service' -ErrorId 'PcscUnavailable,Get-CardCertificate'
        { Get-CardCertificate -Reader invalid } | Should -Throw '*readers*' -ErrorId 'InvalidParams,Get-CardCertificate'
    }

    It 'may be made while another one is under way' {
        $numbers = Get-CardCertificate -Reader three | ForEach-Object { @(Get-CardCertificate -Reader three).Count }
        $numbers | Should -Be 3, 3, 3
    }

    It 'gives certificates as they come, and Select-Object -First ends it' {
        (Get-CardCertificate -Reader endless | Select-Object -First 2).Count | Should -Be 2
        $sent = @(Get-EngineMessage -Folder $folder -Method 'certificate/list')[-1]
        (Get-CardCertificate -Reader three).Count | Should -Be 3
        @(Get-EngineMessage -Folder $folder -Method '$/cancelRequest')[-1].params.id | Should -Be $sent.id
    }

    It 'that was ended leaves nothing to the next one, even when the engine goes on with it' {
        $null = Get-CardCertificate -Reader deaf | Select-Object -First 1
        (Get-CardCertificate -Reader three).Thumbprint | Should -Be ('0' * 40), ('0' * 39 + '1'), ('0' * 39 + '2')
    }
}

Describe 'A stopped command' {
    BeforeAll {
        $folder = New-ModuleCopy
        $powershell = New-PowerShell -Folder $folder
        $null = Invoke-InPowerShell -PowerShell $powershell -Script 'Get-CardCertificate -Reader none'
        $processId = Get-EngineProcessId -Folder $folder
    }
    AfterAll {
        $powershell.Runspace.Dispose()
        Remove-ModuleCopy -Folder $folder
    }

    It 'returns at once from a request that <What>, tells the engine, and the next command uses the same engine' -ForEach @(
        @{ What = 'is never answered'; Reader = 'never' }
        @{ What = 'streams without end'; Reader = 'endless' }
        @{ What = 'the engine goes on with'; Reader = 'deaf' }
    ) {
        foreach ($round in 1..5) {
            $before = @(Get-EngineMessage -Folder $folder -Method 'certificate/list').Count
            $powershell.Commands.Clear()
            $handle = $powershell.AddScript("Get-CardCertificate -Reader $Reader").BeginInvoke()
            Wait-Until { @(Get-EngineMessage -Folder $folder -Method 'certificate/list').Count -gt $before }
            $sent = @(Get-EngineMessage -Folder $folder -Method 'certificate/list')[-1]
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            $powershell.Stop()
            $clock.ElapsedMilliseconds | Should -BeLessThan 2000 -Because 'about 50 are expected; the machine may be busy'
            { $powershell.EndInvoke($handle) } | Should -Throw
            Wait-Until { @(Get-EngineMessage -Folder $folder -Method '$/cancelRequest') | Where-Object { $_.params.id -eq $sent.id } }
            @(Invoke-InPowerShell -PowerShell $powershell -Script 'Get-CardCertificate -Reader three').Count | Should -Be 3
        }
        Get-EngineProcessId -Folder $folder | Should -Be $processId
    }
}
