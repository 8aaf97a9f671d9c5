# The counters of the cards in the readers that fit. Values can be given to one card only.
function Get-CardCounter {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string[]]$Reader, [bool]$Single)

    $request = New-EngineRequest -Method 'counter/read' -Parameters @{ readers = $Reader }
    Invoke-NeededRequest -Cmdlet $Cmdlet -Request $request
    $counters = @($request.Result.counters)
    if ($Single -and $counters.Count -gt 1) {
        $names = ($counters | ForEach-Object { "'$($_.readerName)'" }) -join ', '
        $message = "Values can be given to one card at a time, but these readers fit and hold one: $names. Name one of them with -Reader, or use -Increment."
        $Cmdlet.ThrowTerminatingError((New-ErrorRecord -Id ReaderAmbiguous -Message $message))
    }
    $counters
}

# Asks for consent and for the PIN, and only then lets the card be touched.
# Gives the changed counter, an error record, or nothing where consent was refused.
function Set-CardCounter {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [psobject]$Counter, [hashtable]$Change, [securestring]$Pin)

    $name = $Counter.readerName
    $changes = @(
        Get-CounterChange -Field containersFreshness -Counter $Counter -Change $Change -Increment ('Container' -in $Change.increment)
        Get-CounterChange -Field filesFreshness -Counter $Counter -Change $Change -Increment ('File' -in $Change.increment)
    )
    foreach ($one in $changes) {
        if ($one.Given -and $one.To -le $one.From -and -not $Change.force) {
            $message = "The counter $($one.Field) of the card in the reader '$name' is $($one.From); setting it to $($one.To) could make Windows take stale copies for fresh ones. Choose a higher value, use -Increment, or add -Force."
            return New-ErrorRecord -Id CounterNotIncreased -Message $message -TargetObject $name
        }
    }
    $wording = ($changes | ForEach-Object { "$($_.Field) from $($_.From) to $($_.To)" }) -join ' and '
    if (-not $Cmdlet.ShouldProcess("card $($Counter.cardId) in the reader '$name'", "Set $wording")) { return }

    $asked = $null
    $request = New-EngineRequest -Method 'counter/write' -Parameters ($Change + @{ readerName = $name; cardId = $Counter.cardId })
    try {
        if ($null -eq $Pin) { $Pin = $asked = Read-Pin -ReaderName $name }
        if ($null -eq $Pin) {
            $message = "The card in the reader '$name' needs its PIN for this, and nobody can be asked for it here. Give it with -Pin (a SecureString)."
            return New-ErrorRecord -Id PinRequired -Message $message -TargetObject $name
        }
        $request.Secret = ConvertTo-PinField -Pin $Pin
        if ($null -eq $request.Secret) {
            $message = 'A PIN has 1 to 127 characters, each a letter, digit or sign of ASCII. It was not sent to the card.'
            return New-ErrorRecord -Id PinInvalid -Message $message -TargetObject $name
        }
        Invoke-EngineRequest -Cmdlet $Cmdlet -Request $request
    }
    finally {
        Clear-Secret -Request $request
        if ($null -ne $asked) { $asked.Dispose() }
    }
    if ($request.Failure) { return $request.Failure }
    ConvertTo-CardCacheCounter -Counter $request.Result
}

# What becomes of one counter; nothing when it stays.
function Get-CounterChange {
    param([string]$Field, [psobject]$Counter, [hashtable]$Change, [bool]$Increment)

    $from = $Counter.$Field
    $given = $null -ne $Change.$Field
    if ($given) {
        $to = $Change.$Field
    }
    elseif ($Increment) {
        $to = $from + 1
        if ($to -gt 0xFFFF) { $to = 1 }
    }
    else {
        return
    }
    @{ Field = $Field; From = $from; To = $to; Given = $given }
}
