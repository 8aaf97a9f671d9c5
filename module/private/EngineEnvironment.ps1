# What the engine gets of this process's environment. Everything else stays outside: NODE_OPTIONS, NODE_PATH, OPENSSL_CONF or
# LD_PRELOAD would run or change code in it. PATH is where vendors' minidrivers find their libraries and Node.js wrappers their parts;
# DOTNET_ROOT says where .NET is that has not been installed in its usual folder.
$script:keptVariables = @(
    'SystemRoot', 'SystemDrive', 'TEMP', 'TMP', 'APPDATA', 'LOCALAPPDATA', 'USERPROFILE', 'ProgramData', 'SESSIONNAME', 'PATH'
    'HOME', 'TMPDIR', 'PCSCLITE_CSOCK_NAME', 'DOTNET_ROOT'
)

function New-EngineEnvironment {
    # Each waiting native call to PC/SC holds a thread of libuv's pool, which has 4 by itself.
    $environment = @{ UV_THREADPOOL_SIZE = '64' }
    foreach ($name in $script:keptVariables) {
        $value = [System.Environment]::GetEnvironmentVariable($name)
        if ($value) { $environment[$name] = $value }
    }
    $environment
}
