function Add-CardCertificate {
    # .EXTERNALHELP ../CertProp-help.xml
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
