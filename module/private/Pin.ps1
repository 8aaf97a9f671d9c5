# PINs: a SecureString comes in, bytes of JSON go out, and no string holds the PIN on the way.

# Asks for a card's PIN; gives nothing where nobody can be asked.
function Read-Pin {
    param([string]$ReaderName)

    Read-Secret -Prompt "PIN of the card in the reader '$ReaderName'"
}

# Gives nothing where nobody can be asked (-NonInteractive, a job, a service, redirected input).
function Read-Secret {
    param([string]$Prompt)

    if ($Host.Name -eq 'ConsoleHost' -and [System.Console]::IsInputRedirected) { return }
    try {
        Read-Host -AsSecureString -Prompt $Prompt
    }
    catch {
        Write-Debug -Message "Nobody can be asked: $_"
    }
}

# The field 'pin' of counter/write as bytes: "pin":[49,50,...], with a comma at the end. Nothing when the PIN is no text of ASCII.
# Whoever gets them wipes them.
function ConvertTo-PinField {
    param([securestring]$Pin)

    ConvertTo-SecretField -Head '"pin":[' -Tail '],' -Secret $Pin
}

# The same for another secret and the field around it.
function ConvertTo-SecretField {
    param([string]$Head, [string]$Tail, [securestring]$Secret)

    $before = [System.Text.Encoding]::ASCII.GetBytes($Head)
    $after = [System.Text.Encoding]::ASCII.GetBytes($Tail)
    $field = [byte[]]::new($before.Length + 4 * $Secret.Length + $after.Length)
    [System.Buffer]::BlockCopy($before, 0, $field, 0, $before.Length)
    $next = $before.Length
    $fits = $Secret.Length -ge 1 -and $Secret.Length -le 127
    $text = [System.Runtime.InteropServices.Marshal]::SecureStringToBSTR($Secret)
    try {
        for ($i = 0; $fits -and $i -lt $Secret.Length; $i++) {
            $code = [System.Runtime.InteropServices.Marshal]::ReadInt16($text, 2 * $i)
            $fits = $code -ge 0x20 -and $code -le 0x7E
            if (-not $fits) { break }
            if ($i -gt 0) { $field[$next++] = 0x2C }
            if ($code -ge 100) { $field[$next++] = 0x31 }
            $field[$next++] = 0x30 + [int][System.Math]::Floor(($code % 100) / 10)
            $field[$next++] = 0x30 + $code % 10
        }
    }
    finally {
        [System.Runtime.InteropServices.Marshal]::ZeroFreeBSTR($text)
        if (-not $fits) { [System.Array]::Clear($field, 0, $field.Length) }
    }
    if (-not $fits) { return }
    [System.Buffer]::BlockCopy($after, 0, $field, $next, $after.Length)
    $next += $after.Length
    # JSON allows spaces here; what was not needed must not stay zero.
    while ($next -lt $field.Length) { $field[$next++] = 0x20 }
    , $field
}
