# The counters of the cards in the readers that fit. Values can be given to one card only.
function Get-CardCounter {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string[]]$Reader, [bool]$Single)

    $request = New-EngineRequest -Method 'counter/read' -Parameters @{ readers = $Reader }
    Invoke-EngineRequest -Cmdlet $Cmdlet -Request $request
    $counters = @($request.Result.counters)
    if ($Single -and $counters.Count -gt 1) {
        $names = ($counters | ForEach-Object { "'$($_.readerName)'" }) -join ', '
        $message = "Values can be given to one card at a time, but these readers fit and hold one: $names. Name one of them with -Reader, or use -Increment."
        $Cmdlet.ThrowTerminatingError((New-ErrorRecord -Id ReaderAmbiguous -Message $message))
    }
    $counters
}

# Asks, takes the PIN, writes. Whoever has to be asked is asked before the card is touched.
function Set-CardCounter {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [psobject]$Counter, [hashtable]$Change, [securestring]$Pin)

    $lines = @(
        Get-CounterChange -Cmdlet $Cmdlet -Counter $Counter -Change $Change -Field containersFreshness -Name Container
        Get-CounterChange -Cmdlet $Cmdlet -Counter $Counter -Change $Change -Field filesFreshness -Name File
    )
    $card = "card $($Counter.cardId) in the reader '$($Counter.readerName)'"
    if (-not $Cmdlet.ShouldProcess($card, "Set $($lines -join ' and ')")) { return }

    $request = New-EngineRequest -Method 'counter/write' -Parameters ($Change + @{
            readerName = $Counter.readerName
            cardId     = $Counter.cardId
        })
    $asked = $null
    try {
        if ($null -eq $Pin) { $Pin = $asked = Read-Pin -Cmdlet $Cmdlet -ReaderName $Counter.readerName }
        $request.Secret = ConvertTo-PinField -Cmdlet $Cmdlet -Pin $Pin
        Invoke-EngineRequest -Cmdlet $Cmdlet -Request $request
    }
    finally {
        Clear-Secret -Request $request
        if ($null -ne $asked) { $asked.Dispose() }
    }
    ConvertTo-CardCacheCounter -Counter $request.Result
}

# One counter's change in words; nothing when it stays. A value that is not higher fails here already, before a PIN is asked for.
function Get-CounterChange {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [psobject]$Counter, [hashtable]$Change, [string]$Field, [string]$Name)

    $present = $Counter.$Field
    $wanted = $Change.$Field
    if ($Name -in $Change.increment) {
        $wanted = $present + 1
        if ($wanted -gt 0xFFFF) { $wanted = 1 }
    }
    elseif ($null -ne $wanted -and $wanted -le $present -and -not $Change.force) {
        $message = "The counter $Field of the card in the reader '$($Counter.readerName)' is $present; setting it to $wanted could make Windows take stale copies for fresh ones. Choose a higher value, use -Increment, or add -Force."
        $Cmdlet.ThrowTerminatingError((New-ErrorRecord -Id CounterNotIncreased -Message $message -TargetObject $Counter.readerName))
    }
    if ($null -ne $wanted) { "$Field from $present to $wanted" }
}
