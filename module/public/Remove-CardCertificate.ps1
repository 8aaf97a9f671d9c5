function Remove-CardCertificate {
    <#
    .SYNOPSIS
    Removes a certificate from a smart card. Its key stays there.

    .DESCRIPTION
    Takes one certificate, or one trusted root, off the card itself. Stores keep what was propagated of it: that is what
    Remove-PropagatedCertificate is for. The certificate is in a file before, from which Add-CardCertificate puts it back; what can't be
    kept is not removed. Keys and containers are not touched.

    GIDS cards take the PIN, and their cache counters are raised first. PIV cards take the management key.

    .PARAMETER Reader
    The name of the reader that holds the card; no wildcards. The names complete with Tab.

    .PARAMETER Thumbprint
    The certificate's thumbprint, as Get-CardCertificate shows it.

    .PARAMETER Pin
    The PIN of a GIDS card. Without it, it is asked for when somebody is there to answer.

    .PARAMETER ManagementKey
    The management key of a PIV card (3DES or AES), in hex digits. Without it, it is asked for when somebody is there to answer.

    .PARAMETER ManagementKeyPath
    A file with the management key in hex digits, which nobody else may be able to change or (elsewhere than on Windows) to read.

    .PARAMETER BackupPath
    The folder in which the certificate is kept before. It has to be private, and is made where it is missing. By default as for
    Remove-PropagatedCertificate.

    .PARAMETER WhatIf
    Shows what would be done, without asking for PIN or key. The output is the plan, with Planned set to true.

    .PARAMETER Confirm
    Asks before the certificate is removed, which is the default. With -Confirm:$false nothing is asked.

    .EXAMPLE
    Remove-CardCertificate -Reader 'Alcor Micro AU9540 00 00' -Thumbprint 0123456789ABCDEF0123456789ABCDEF01234567

    Removes a certificate from the card, after a question, and says in BackupPath where it is kept.

    .EXAMPLE
    Remove-CardCertificate -Reader 'Alcor Micro AU9540 00 00' -Thumbprint $old.Thumbprint -Pin $pin -Confirm:$false

    Removes a certificate without asking.

    .OUTPUTS
    CertProp.CardCertificateChange

    .LINK
    Add-CardCertificate

    .LINK
    Remove-PropagatedCertificate
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    [OutputType('CertProp.CardCertificateChange')]
    param(
        [Parameter(Mandatory, Position = 0)]
        [Alias('ReaderName')]
        [ValidateNotNullOrEmpty()]
        [string]$Reader,

        [Parameter(Mandatory, Position = 1)]
        [ValidateNotNullOrEmpty()]
        [string]$Thumbprint,

        [ValidateNotNull()]
        [securestring]$Pin,

        [ValidateNotNull()]
        [securestring]$ManagementKey,

        [ValidateNotNullOrEmpty()]
        [string]$ManagementKeyPath,

        [ValidateNotNullOrEmpty()]
        [string]$BackupPath
    )

    end {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $parameters = @{
            readerName   = $Reader
            thumbprint   = ConvertTo-Thumbprint -Cmdlet $PSCmdlet -Text $Thumbprint
            backupFolder = $null
        }
        if ($BackupPath) { $parameters.backupFolder = Resolve-BackupPath -Cmdlet $PSCmdlet -Path $BackupPath }
        $credential = Get-GivenCredential -Cmdlet $PSCmdlet -Pin $Pin -ManagementKey $ManagementKey -ManagementKeyPath $ManagementKeyPath
        Invoke-CardChange -Cmdlet $PSCmdlet -Method 'card/remove-certificate' -Parameters $parameters -Credential $credential
    }
}
