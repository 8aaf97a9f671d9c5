# PINs: a SecureString comes in, bytes of JSON go out, and no string holds the PIN on the way.

# Asks for a card's PIN; gives nothing where nobody can be asked (-NonInteractive, a job, a service, redirected input).
function Read-Pin {
    param([string]$ReaderName)

    if ($Host.Name -eq 'ConsoleHost' -and [System.Console]::IsInputRedirected) { return }
    try {
        Read-Host -AsSecureString -Prompt "PIN of the card in the reader '$ReaderName'"
    }
    catch {
        Write-Debug -Message "Nobody can be asked: $_"
    }
}

# The field 'pin' of counter/write as bytes: "pin":[49,50,...], with a comma at the end. Nothing when the PIN is no text of ASCII.
# Whoever gets them wipes them.
function ConvertTo-PinField {
    param([securestring]$Pin)

    $head = [System.Text.Encoding]::ASCII.GetBytes('"pin":[')
    $field = [byte[]]::new($head.Length + 4 * $Pin.Length + 2)
    [System.Buffer]::BlockCopy($head, 0, $field, 0, $head.Length)
    $next = $head.Length
    $fits = $Pin.Length -ge 1 -and $Pin.Length -le 127
    $text = [System.Runtime.InteropServices.Marshal]::SecureStringToBSTR($Pin)
    try {
        for ($i = 0; $fits -and $i -lt $Pin.Length; $i++) {
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
    $field[$next++] = 0x5D
    $field[$next++] = 0x2C
    # JSON allows spaces here; what was not needed must not stay zero.
    while ($next -lt $field.Length) { $field[$next++] = 0x20 }
    , $field
}
