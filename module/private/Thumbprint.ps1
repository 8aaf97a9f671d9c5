# What certmgr's dialog adds when a thumbprint is copied from it: spaces, and an invisible left-to-right mark (U+200E) in front.
$script:pastedCharacters = '[\s\u200E]'

# Thumbprints as the engine takes them: 40 upper-case hex digits.
function ConvertTo-Thumbprint {
    param(
        [System.Management.Automation.PSCmdlet]$Cmdlet,
        [string[]]$Text
    )

    foreach ($one in $Text) {
        $thumbprint = [regex]::Replace($one, $script:pastedCharacters, '').ToUpperInvariant()
        if ($thumbprint -cnotmatch '\A[0-9A-F]{40}\z') {
            $message = "'$(ConvertTo-VisibleText $one)' is not a certificate's thumbprint, which has 40 hex digits (SHA-1). Copy it from certmgr or from Get-CardCertificate."
            $Cmdlet.ThrowTerminatingError((New-ErrorRecord -Id InvalidThumbprint -Message $message -TargetObject $one))
        }
        $thumbprint
    }
}

# What nobody sees: control, format and separating characters, tags (a plane of their own), and halves of surrogate pairs.
$script:invisibleCharacters = '[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\uDB40[\uDC00-\uDC7F]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]'

# Text from outside, fit for a message: invisible characters are shown as \u{...}.
function ConvertTo-VisibleText {
    param([string]$Text)

    $found = [regex]::Matches($Text, $script:invisibleCharacters)
    for ($index = $found.Count - 1; $index -ge 0; $index--) {
        $one = $found[$index]
        $code = [int]$one.Value[0]
        if ($one.Length -eq 2) { $code = [char]::ConvertToUtf32($one.Value, 0) }
        $Text = $Text.Remove($one.Index, $one.Length).Insert($one.Index, '\u{' + $code.ToString('x') + '}')
    }
    $Text
}
