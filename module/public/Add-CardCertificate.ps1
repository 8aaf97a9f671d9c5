function Add-CardCertificate {
    <#
    .SYNOPSIS
    Puts a certificate on a smart card, beside the key that it belongs to, and propagates it.

    .DESCRIPTION
    For a certificate that was issued for a key on the card and never came there: it finds the key that is the certificate's, writes the
    certificate to its place (GIDS: kxcNN or kscNN, compressed; PIV: the slot's object), reads it back, and propagates it at once.
    Private keys are neither taken nor touched. Cards of other kinds are refused.

    GIDS cards take the PIN. The card's cache counters are raised first, so that Windows reads the card again; a card that is pulled out
    in between is mended by running the command again. A key that the card's container map lacks is entered there.

    PIV cards take the management key, which is never guessed, and have no cache counters. Which slot has the certificate's key is told
    by YubiKeys since 5.3; of other cards only a certificate of the same key that is there already shows it. Otherwise name the slot with
    -Container and add -Force.

    A certificate that is replaced is kept first, in a file in the folder of backups.

    The result's PropagationAction, PropagationReason and PropagationDetail are those of Invoke-CertPropagation, empty where nothing was
    propagated.

    .PARAMETER Reader
    The name of the reader that holds the card; no wildcards. The names complete with Tab.

    .PARAMETER Path
    A file with one certificate, DER or PEM. Files for private keys (PFX) are refused.

    .PARAMETER Certificate
    The certificate as an X509Certificate2 (a private key that it has is left alone), or an object of Get-CardCertificate.

    .PARAMETER Container
    The container's name, or the slot's number as Get-CardCertificate shows it (GIDS: 0, 1, ...; PIV: 9A, 9C, ...). Without it, the key
    that is the certificate's is looked for.

    .PARAMETER KeySpec
    Which of a container's keys the certificate is for, where it has two: KeyExchange or Signature. Without it, the one that it has.

    .PARAMETER Root
    Adds the certificate to the card's trusted roots (msroots) instead. It has to be a self-signed certificate of an authority. GIDS only.

    .PARAMETER Pin
    The PIN of a GIDS card. Without it, it is asked for when somebody is there to answer.

    .PARAMETER ManagementKey
    The management key of a PIV card (3DES or AES), in hex digits. Without it, it is asked for when somebody is there to answer.

    .PARAMETER ManagementKeyPath
    A file with the management key in hex digits, which nobody else may be able to change or (elsewhere than on Windows) to read.

    .PARAMETER StorePath
    The folder that holds SystemCertificates to which the certificate is propagated. Without it that is the current user's store; elsewhere
    than on Windows, nothing is propagated then.

    .PARAMETER BackupPath
    The folder for a certificate that is replaced. It has to be private, and is made where it is missing. By default as for
    Remove-PropagatedCertificate.

    .PARAMETER Force
    Writes the certificate for the container that -Container names, also if its key is another one or the card doesn't tell.

    .PARAMETER WhatIf
    Shows what would be done, without asking for PIN or key. The output is the plan, with Planned set to true.

    .PARAMETER Confirm
    Asks before the card is changed.

    .EXAMPLE
    Add-CardCertificate -Reader 'Alcor Micro AU9540 00 00' -Path .\ada.cer

    Puts the certificate beside its key, asks for the card's PIN, and propagates the certificate.

    .EXAMPLE
    Add-CardCertificate -Reader 'Yubico YubiKey CCID 00 00' -Path ada.pem -Container 9A -Force -ManagementKeyPath ~/key.txt

    Puts a certificate into a slot of a PIV card that doesn't tell its public keys.

    .EXAMPLE
    Add-CardCertificate -Reader 'Alcor Micro AU9540 00 00' -Path root.cer -Root -WhatIf

    Shows whether a root would be added to the card's trusted roots.

    .OUTPUTS
    CertProp.CardCertificateChange

    .LINK
    Remove-CardCertificate

    .LINK
    Get-CardCertificate

    .LINK
    Invoke-CertPropagation
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium', DefaultParameterSetName = 'Path')]
    [OutputType('CertProp.CardCertificateChange')]
    param(
        [Parameter(Mandatory, Position = 0)]
        [Alias('ReaderName')]
        [ValidateNotNullOrEmpty()]
        [string]$Reader,

        [Parameter(Mandatory, Position = 1, ParameterSetName = 'Path')]
        [ValidateNotNullOrEmpty()]
        [string]$Path,

        [Parameter(Mandatory, ParameterSetName = 'Certificate')]
        [ValidateNotNull()]
        [object]$Certificate,

        [ValidateNotNullOrEmpty()]
        [string]$Container,

        [ValidateSet('KeyExchange', 'Signature')]
        [string]$KeySpec,

        [switch]$Root,

        [ValidateNotNull()]
        [securestring]$Pin,

        [ValidateNotNull()]
        [securestring]$ManagementKey,

        [ValidateNotNullOrEmpty()]
        [string]$ManagementKeyPath,

        [ValidateNotNullOrEmpty()]
        [string]$StorePath,

        [ValidateNotNullOrEmpty()]
        [string]$BackupPath,

        [switch]$Force
    )

    end {
        Use-CallerPreference -Cmdlet $PSCmdlet
        if ($Root -and ($Container -or $KeySpec -or $Force)) {
            $message = '-Root adds to the trusted roots, which belong to no key: leave -Container, -KeySpec and -Force away.'
            $PSCmdlet.ThrowTerminatingError((New-ErrorRecord -Id TargetConflict -Message $message))
        }
        if ($Force -and -not $Container) {
            $message = '-Force writes a certificate without its key being seen on the card: name the container that is meant with -Container.'
            $PSCmdlet.ThrowTerminatingError((New-ErrorRecord -Id ContainerRequired -Message $message))
        }
        $target = @{ kind = 'Root' }
        if (-not $Root) {
            $target = @{ kind = 'Key'; container = $null; keySpec = $null; force = [bool]$Force }
            if ($Container) { $target.container = $Container }
            if ($KeySpec) { $target.keySpec = $KeySpec }
        }
        $parameters = @{
            readerName   = $Reader
            certificate  = ConvertTo-GivenCertificate -Cmdlet $PSCmdlet -Path $Path -Certificate $Certificate
            target       = $target
            backupFolder = $null
        }
        if ($BackupPath) { $parameters.backupFolder = Resolve-BackupPath -Cmdlet $PSCmdlet -Path $BackupPath }
        $credential = Get-GivenCredential -Cmdlet $PSCmdlet -Pin $Pin -ManagementKey $ManagementKey -ManagementKeyPath $ManagementKeyPath
        $change = Invoke-CardChange -Cmdlet $PSCmdlet -Method 'card/add-certificate' -Parameters $parameters -Credential $credential
        if ($null -eq $change) { return }
        if (-not $change.Planned) { Invoke-CardPropagation -Cmdlet $PSCmdlet -Change $change -StorePath $StorePath }
        $change
    }
}
