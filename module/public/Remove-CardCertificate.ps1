function Remove-CardCertificate {
    # .EXTERNALHELP ../CertProp-help.xml
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
