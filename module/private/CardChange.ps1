# Changes to the certificates on a card: planned first, then made with consent and with what opens the card.

# What the person is asked. A certificate on a card is often nowhere else.
$script:cardQuestions = @{
    Added    = 'Add certificate to the CARD'
    Replaced = 'Replace the certificate that is on the CARD'
    Removed  = 'Remove certificate from the CARD (its key stays)'
}

# Gives the change that was made (under -WhatIf: planned), or nothing where consent was refused.
# Credential: Pin and ManagementKey (SecureString), ManagementKeyPath; each may be null.
function Invoke-CardChange {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Method, [hashtable]$Parameters, [hashtable]$Credential)

    $plan = New-EngineRequest -Method $Method -Parameters ($Parameters + @{ cardId = $null; credential = $null })
    Invoke-NeededRequest -Cmdlet $Cmdlet -Request $plan
    $planned = $plan.Result
    if ($planned.action -ne 'Unchanged' -and -not (Confirm-CardChange -Cmdlet $Cmdlet -Change $planned)) {
        if ($WhatIfPreference) { ConvertTo-CardCertificateChange -Change $planned }
        return
    }
    if ($null -eq $planned.credential) { return ConvertTo-CardCertificateChange -Change $planned }

    $request = New-EngineRequest -Method $Method -Parameters ($Parameters + @{ cardId = $planned.cardId })
    try {
        Add-CardCredential -Cmdlet $Cmdlet -Request $request -Kind $planned.credential -Credential $Credential -ReaderName $planned.readerName
        Invoke-NeededRequest -Cmdlet $Cmdlet -Request $request
    }
    finally {
        Clear-Secret -Request $request
    }
    ConvertTo-CardCertificateChange -Change $request.Result
}

function Confirm-CardChange {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [psobject]$Change)

    $place = "file $($Change.fileName)"
    if ($Change.slot) { $place = "$place, slot $($Change.slot)" }
    if ($Change.replacedThumbprint) { $place = "$place, in place of $($Change.replacedThumbprint)" }
    $target = "$($Change.subject) ($($Change.thumbprint)) on card $($Change.cardId) in the reader '$($Change.readerName)' ($place)"
    try {
        $Cmdlet.ShouldProcess($target, $script:cardQuestions[$Change.action])
    }
    catch {
        # There is nobody to ask.
        $Cmdlet.ThrowTerminatingError($_)
    }
}

# Puts what opens the card into the request; what isn't given is asked for.
function Add-CardCredential {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [hashtable]$Request, [string]$Kind, [hashtable]$Credential, [string]$ReaderName)

    if ($Kind -eq 'ManagementKey' -and $Credential.ManagementKeyPath) {
        $Request.Parameters.credential = @{ kind = 'ManagementKeyFile'; path = $Credential.ManagementKeyPath }
        return
    }
    $asked = $null
    $given = $Credential[$Kind]
    try {
        if ($null -eq $given) { $given = $asked = Read-CardSecret -Kind $Kind -ReaderName $ReaderName }
        if ($null -eq $given) { $Cmdlet.ThrowTerminatingError((New-SecretRequiredRecord -Kind $Kind -ReaderName $ReaderName)) }
        $head = '"credential":{"kind":"' + $Kind + '","bytes":['
        $Request.Secret = ConvertTo-SecretField -Head $head -Tail ']},' -Secret $given
    }
    finally {
        if ($null -ne $asked) { $asked.Dispose() }
    }
    if ($null -eq $Request.Secret) {
        $message = 'A PIN or management key has 1 to 127 characters, each a letter, digit or sign of ASCII. It was not sent to the card.'
        $Cmdlet.ThrowTerminatingError((New-ErrorRecord -Id "${Kind}Invalid" -Message $message -TargetObject $ReaderName))
    }
}

function Read-CardSecret {
    param([string]$Kind, [string]$ReaderName)

    if ($Kind -eq 'Pin') { Read-Pin -ReaderName $ReaderName }
    else { Read-Secret -Prompt "Management key (hex digits) of the PIV card in the reader '$ReaderName'" }
}

function New-SecretRequiredRecord {
    param([string]$Kind, [string]$ReaderName)

    $what = 'PIN'
    $parameters = '-Pin (a SecureString)'
    if ($Kind -eq 'ManagementKey') {
        $what = 'management key'
        $parameters = '-ManagementKey (a SecureString of hex digits) or -ManagementKeyPath'
    }
    $message = "The card in the reader '$ReaderName' needs its $what for this, and nobody can be asked for it here. Give it with $parameters."
    New-ErrorRecord -Id "${Kind}Required" -Message $message -TargetObject $ReaderName
}

# What the parameters give to open a card with.
function Get-GivenCredential {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [securestring]$Pin, [securestring]$ManagementKey, [string]$ManagementKeyPath)

    $credential = @{ Pin = $Pin; ManagementKey = $ManagementKey; ManagementKeyPath = $null }
    if ($ManagementKeyPath) {
        $meaning = 'a management key'
        $credential.ManagementKeyPath = Resolve-FilePath -Cmdlet $Cmdlet -Path $ManagementKeyPath -Parameter ManagementKeyPath -Meaning $meaning
    }
    $credential
}

# The certificate as the contract has it: a file's path, or the bytes of an object.
function ConvertTo-GivenCertificate {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Path, [object]$Certificate)

    if ($Path) { return @{ kind = 'File'; path = Resolve-FilePath -Cmdlet $Cmdlet -Path $Path -Parameter Path -Meaning 'a certificate' } }
    $data = $null
    if ($Certificate.PSObject.Properties['RawData']) { $data = $Certificate.RawData }
    if ($data -is [byte[]]) { return @{ kind = 'Data'; data = [System.Convert]::ToBase64String($data) } }
    if ($data -is [string]) { return @{ kind = 'Data'; data = $data } }
    $message = '-Certificate takes an X509Certificate2, or an object of Get-CardCertificate.'
    $Cmdlet.ThrowTerminatingError((New-ErrorRecord -Id InvalidCertificate -Message $message -TargetObject $Certificate))
}

# Propagates the certificate that is on the card now, and says in Change what became of it. The card is changed in any case: what goes
# wrong here is an error of its own.
function Invoke-CardPropagation {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [psobject]$Change, [string]$StorePath)

    $place = @{}
    if ($StorePath) { $place.StorePath = $StorePath }
    elseif ([System.Environment]::OSVersion.Platform -ne [System.PlatformID]::Win32NT) {
        Write-Verbose -Message 'Nothing is propagated: name the store with -StorePath. Only Windows has one that needs no name.'
        return
    }
    try {
        $card = @{ Reader = $Change.ReaderName; CardId = $Change.CardId; Thumbprint = $Change.Thumbprint }
        $results = @(Invoke-CertPropagation @card -AllSlots -Confirm:$false @place)
    }
    catch {
        $Cmdlet.WriteError((Copy-ErrorRecord -ErrorRecord $_))
        return
    }
    foreach ($result in $results) {
        $Change.PropagationAction = $result.Action
        $Change.PropagationReason = $result.Reason
        $Change.PropagationDetail = $result.Detail
    }
}
