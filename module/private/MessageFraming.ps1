# The Language Server Protocol's framing (LSP 3.17, Base Protocol): 'Content-Length: N', an empty line, N bytes of JSON. ASCII both ways.

$script:messageLimit = 1048576
$script:headerLimit = 4096

function ConvertTo-MessageFrame {
    param([byte[]]$Body)

    $header = [System.Text.Encoding]::ASCII.GetBytes("Content-Length: $($Body.Length)`r`n`r`n")
    $frame = [byte[]]::new($header.Length + $Body.Length)
    [System.Buffer]::BlockCopy($header, 0, $frame, 0, $header.Length)
    [System.Buffer]::BlockCopy($Body, 0, $frame, $header.Length, $Body.Length)
    , $frame
}

# JSON of which every byte is ASCII.
function ConvertTo-AsciiJson {
    param([System.Collections.IDictionary]$Value)

    $json = ConvertTo-Json -InputObject $Value -Depth 10 -Compress
    [regex]::Replace($json, '[^\x20-\x7E]', { param($match) '\u' + ([int][char]$match.Value).ToString('x4') })
}

# PowerShell 7 makes a date of every text that looks like one, unless told otherwise (from 7.5 on): a container may be called like a date.
$script:jsonOptions = @{}
if ((Get-Command -Name ConvertFrom-Json -CommandType Cmdlet).Parameters.ContainsKey('DateKind')) {
    $script:jsonOptions = @{ DateKind = 'String' }
}

function ConvertFrom-EngineJson {
    param([string]$Json)

    ConvertFrom-Json -InputObject $Json @script:jsonOptions
}

# The bytes that were received and not yet taken, from Start on. From is the read that gave the last of them.
function New-ReceivedData {
    @{ Bytes = [byte[]]@(); Start = 0; From = $null }
}

# What there is plus a chunk. Makes a new object: whoever is stopped on the way still has the old one whole.
function Join-ReceivedData {
    param([hashtable]$Received, [byte[]]$Chunk, [int]$Count, [object]$From)

    $rest = $Received.Bytes.Length - $Received.Start
    $joined = [byte[]]::new($rest + $Count)
    [System.Buffer]::BlockCopy($Received.Bytes, $Received.Start, $joined, 0, $rest)
    [System.Buffer]::BlockCopy($Chunk, 0, $joined, $rest, $Count)
    @{ Bytes = $joined; Start = 0; From = $From }
}

# The message at the start: its Json, and the End where the next one begins. Nothing while it is incomplete; throws when it is none.
function Find-Message {
    param([hashtable]$Received)

    $ascii = [System.Text.Encoding]::ASCII
    $count = $Received.Bytes.Length - $Received.Start
    $head = $ascii.GetString($Received.Bytes, $Received.Start, [System.Math]::Min($count, $script:headerLimit))
    $headEnd = $head.IndexOf("`r`n`r`n", [System.StringComparison]::Ordinal)
    if ($headEnd -lt 0) {
        if ($head.Length -eq $script:headerLimit -or -not (Test-HeaderStart -Head $head)) { throw 'no message header' }
        return
    }
    if ($head.Substring(0, $headEnd) -notmatch '\AContent-Length: ([0-9]{1,7})\z') { throw 'no message header' }
    $length = [int]$Matches[1]
    if ($length -gt $script:messageLimit) { throw "a message of $length bytes" }
    $start = $Received.Start + $headEnd + 4
    if ($start + $length -gt $Received.Bytes.Length) { return }
    @{ Json = $ascii.GetString($Received.Bytes, $start, $length); End = $start + $length }
}

# Whether a header that is not complete yet can become one.
function Test-HeaderStart {
    param([string]$Head)

    $expected = 'Content-Length: '
    $length = [System.Math]::Min($Head.Length, $expected.Length)
    [string]::Equals($Head.Substring(0, $length), $expected.Substring(0, $length), [System.StringComparison]::OrdinalIgnoreCase)
}
