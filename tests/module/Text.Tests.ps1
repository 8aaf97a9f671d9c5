BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, 'Support.ps1'))
    Import-ModuleCopy -Folder $script:moduleSource
}

Describe 'A thumbprint' {
    BeforeAll {
        function ConvertTo-Normal {
            [CmdletBinding()]
            param([string[]]$Text)
            & (Get-Module -Name CertProp) { param($Cmdlet, $Text) ConvertTo-Thumbprint -Cmdlet $Cmdlet -Text $Text } $PSCmdlet $Text
        }
    }

    It 'may have spaces, lower case and the mark that certmgr puts in front' {
        ConvertTo-Normal -Text ([char]0x200E + '0a 1b 2c 3d 4e 5f 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ') |
            Should -BeExactly '0A1B2C3D4E5F00112233445566778899AABBCCDD'
    }

    It 'is refused when it is <Name>' -ForEach @(
        @{ Name = 'too short'; Text = 'AB' * 19 }
        @{ Name = 'too long'; Text = 'AB' * 21 }
        @{ Name = 'not hex'; Text = 'XY' * 20 }
        @{ Name = 'full-width digits'; Text = ([string][char]0xFF11) * 40 }
        @{ Name = 'empty'; Text = ' ' }
    ) {
        { ConvertTo-Normal -Text $Text } | Should -Throw -ErrorId 'InvalidThumbprint,ConvertTo-Normal'
    }

    It 'is shown without hidden characters when it is refused' {
        { ConvertTo-Normal -Text ('x' + [char]0x202E) } | Should -Throw '*''x\u{202e}''*'
    }
}

Describe 'Progress' {
    BeforeAll {
        function Show-Progress {
            param([hashtable]$Of)
            InModuleScope CertProp -Parameters @{ Of = [pscustomobject]$Of } {
                $shown = [System.Collections.Generic.List[string]]::new()
                Mock Write-Progress { $shown.Add("$Status, $PercentComplete %, $SecondsRemaining s, $([bool]$Completed)") }
                Write-EngineProgress -StreamEvent $Of
                $shown
            }
        }
    }

    It 'shows how many of all, and the seconds that are left' {
        Show-Progress -Of @{ activity = 'Looking'; done = 999; total = 1000; secondsLeft = 7 } | Should -Be '999 of 1000, 99 %, 7 s, False'
    }

    It 'shows the count alone where nobody knows how many there are' {
        Show-Progress -Of @{ activity = 'Looking'; done = 5; total = $null; secondsLeft = $null } | Should -BeLike '5, * s, False'
    }

    It 'ends with the last' {
        Show-Progress -Of @{ activity = 'Looking'; done = 2; total = 2; secondsLeft = 0 } | Should -BeLike '*True'
    }
}

Describe 'A message' {
    It 'is framed with its length in bytes' {
        InModuleScope CertProp {
            $frame = ConvertTo-MessageFrame -Body ([System.Text.Encoding]::ASCII.GetBytes('{"a":1}'))
            [System.Text.Encoding]::ASCII.GetString($frame) | Should -BeExactly "Content-Length: 7`r`n`r`n{`"a`":1}"
        }
    }

    It 'is ASCII whatever it holds' {
        InModuleScope CertProp {
            $text = -join (0x61, 0xE4, 0x20AC, 0x1F600, 0x200E, 0x22, 0x5C | ForEach-Object { [char]::ConvertFromUtf32($_) })
            $json = ConvertTo-AsciiJson -Value @{ text = $text }
            $json | Should -Match '\A[\x20-\x7E]+\z'
            (ConvertFrom-Json -InputObject $json).text | Should -BeExactly $text
        }
    }

    It 'keeps arrays of one and null, and writes a switch as a boolean' {
        InModuleScope CertProp {
            ConvertTo-AsciiJson -Value @{ one = [string[]]@('x') } | Should -BeExactly '{"one":["x"]}'
            ConvertTo-AsciiJson -Value @{ none = $null } | Should -BeExactly '{"none":null}'
        }
    }

    It 'is found in whatever pieces it comes' {
        InModuleScope CertProp {
            $stream = [System.Text.Encoding]::ASCII.GetBytes("Content-Length: 2`r`n`r`n{}Content-Length: 7`r`n`r`n{`"a`":1}")
            foreach ($size in 1..$stream.Length) {
                $received = New-ReceivedData
                $found = for ($at = 0; $at -lt $stream.Length; $at += $size) {
                    $count = [Math]::Min($size, $stream.Length - $at)
                    $chunk = [byte[]]::new($size)
                    [Array]::Copy($stream, $at, $chunk, 0, $count)
                    $received = Join-ReceivedData -Received $received -Chunk $chunk -Count $count -From $at
                    while ($received.Start -lt $received.Bytes.Length) {
                        $message = Find-Message -Received $received
                        if ($null -eq $message) { break }
                        $message.Json
                        $received.Start = $message.End
                    }
                }
                $found -join '|' | Should -BeExactly '{}|{"a":1}'
            }
        }
    }

    It 'is refused when it starts with <Text>' -ForEach @(
        @{ Text = 'Warning' }
        @{ Text = "Content-Length: x`r`n`r`n" }
        @{ Text = "Content-Length: 1048577`r`n`r`n" }
        @{ Text = 'Content-Length: ' + '1' * 5000 }
    ) {
        InModuleScope CertProp -Parameters @{ Text = $Text } {
            $chunk = [System.Text.Encoding]::ASCII.GetBytes($Text)
            $received = Join-ReceivedData -Received (New-ReceivedData) -Chunk $chunk -Count $chunk.Length -From 1
            { Find-Message -Received $received } | Should -Throw
        }
    }
}

Describe 'A PIN' {
    BeforeAll {
        function ConvertTo-Field {
            param([securestring]$Pin)
            & (Get-Module -Name CertProp) { param($Pin) ConvertTo-PinField -Pin $Pin } $Pin
        }
        function ConvertTo-Secure {
            param([string]$Text)
            $secure = [securestring]::new()
            foreach ($character in $Text.ToCharArray()) { $secure.AppendChar($character) }
            $secure
        }
    }

    It 'becomes a field of JSON with its bytes' {
        $text = -join (0x20..0x7E | ForEach-Object { [char]$_ })
        $field = [System.Text.Encoding]::ASCII.GetString((ConvertTo-Field -Pin (ConvertTo-Secure -Text $text)))
        $json = "{$field`"end`":1}"
        (ConvertFrom-Json -InputObject $json).pin | Should -Be (0x20..0x7E)
    }

    It 'is refused when it is <Name>' -ForEach @(
        @{ Name = 'empty'; Text = '' }
        @{ Name = 'longer than 127 characters'; Text = '1' * 128 }
        @{ Name = 'not ASCII'; Text = [string][char]0xE4 }
        @{ Name = 'holding a control character'; Text = "12`t4" }
        @{ Name = 'beyond 0x7FFF'; Text = [string][char]0xFF11 }
    ) {
        ConvertTo-Field -Pin (ConvertTo-Secure -Text $Text) | Should -BeNullOrEmpty
    }
}

Describe 'Text on a command line' {
    It 'is quoted where it has to be: <Text>' -ForEach @(
        @{ Text = 'Plain-1.x'; Expected = 'Plain-1.x' }
        @{ Text = 'Reader [0] 00'; Expected = "'Reader [0] 00'" }
        @{ Text = "It's"; Expected = "'It''s'" }
        @{ Text = '-Root'; Expected = "'-Root'" }
        @{ Text = '$x;y'; Expected = "'`$x;y'" }
    ) {
        InModuleScope CertProp -Parameters @{ Text = $Text; Expected = $Expected } {
            ConvertTo-ArgumentText -Text $Text | Should -BeExactly $Expected
        }
    }
}
