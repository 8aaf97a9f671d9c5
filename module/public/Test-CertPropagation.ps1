function Test-CertPropagation {
    <#
    .SYNOPSIS
    Says what stands in the way of the certificates on smart cards: one object for each check, with a remedy.

    .DESCRIPTION
    Looks at readers, cards, the Personal store, key links, policies, Windows' propagation service and its cache of cards, and gives one
    object for each check, or one for each reader or certificate that something is wrong with. Nothing is changed and no PIN is asked for;
    each card is read once.

    Status is one of: Passed; Warning, which works but should be looked at; Failed; Skipped, for what this system does not have or what
    could not be seen. Finding says it in a sentence, Evidence gives the values that were seen, Remedy a command or a setting. Of several
    things that are wrong with one certificate the first one is named: a certificate that is missing is not said to have no key link too.

    about_CertProp_Troubleshooting goes from symptoms to checks.

    .PARAMETER Reader
    Names of readers, with wildcards; all readers without it. A reader that is named should have a card. The names complete with Tab.

    .PARAMETER StorePath
    The folder that holds SystemCertificates (%APPDATA%\Microsoft of a Windows profile), on any system.

    .PARAMETER StoreLocation
    Whose store: that of the current user, which is the default, or of the local machine.

    .PARAMETER StoreProvider
    System, the default: Windows' own stores. DotNet: the stores that .NET's X509Store has.

    .PARAMETER StoreName
    The store's name; My, the Personal store, by default.

    .PARAMETER RdpFile
    A Remote Desktop file: whether a session that it opens would leave certificates behind in the profile on the server. Without it, on
    Windows, the user's own Default.rdp.

    .PARAMETER Pkcs11Module
    The full path of a PKCS #11 module (the card vendor's library), whose tokens are read too.

    .PARAMETER Quiet
    Gives True where no check Failed, else False.

    .PARAMETER Repair
    Mends what can be mended safely, as Invoke-CertPropagation does: certificates that are missing in the store, and key links that are
    missing or lead astray. Then everything is checked again, and the output is what was found then.

    .PARAMETER WhatIf
    With -Repair: shows what would be mended. The output is what was found.

    .PARAMETER Confirm
    With -Repair: asks before each change.

    .EXAMPLE
    Test-CertPropagation | Where-Object Status -eq Failed | Format-List

    Shows what is wrong, with the remedies.

    .EXAMPLE
    Test-CertPropagation -Repair

    Mends missing certificates and key links, and checks again.

    .EXAMPLE
    if (-not (Test-CertPropagation -Quiet)) { Invoke-CertPropagation }

    In a script: propagates where something is wrong.

    .EXAMPLE
    Test-CertPropagation -RdpFile .\server.rdp | Where-Object Name -eq RemoteLeak

    Says whether a session that this file opens would leave the card's certificates behind on the server.

    .OUTPUTS
    CertProp.Check, or with -Quiet a boolean

    .LINK
    Invoke-CertPropagation

    .LINK
    Get-CertPropPolicy

    .LINK
    Get-CardCacheItem
    #>
    [CmdletBinding(DefaultParameterSetName = 'System', SupportsShouldProcess, ConfirmImpact = 'Medium')]
    [OutputType('CertProp.Check', [bool])]
    param(
        [Parameter(Position = 0)]
        [Alias('ReaderName')]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Reader,

        [Parameter(ParameterSetName = 'Folder', Mandatory)]
        [ValidateNotNullOrEmpty()]
        [string]$StorePath,

        [Parameter(ParameterSetName = 'System')]
        [ValidateSet('CurrentUser', 'LocalMachine')]
        [string]$StoreLocation = 'CurrentUser',

        [Parameter(ParameterSetName = 'System')]
        [ValidateSet('System', 'DotNet')]
        [string]$StoreProvider = 'System',

        [ValidateNotNullOrEmpty()]
        [string]$StoreName = 'My',

        [ValidateNotNullOrEmpty()]
        [string]$RdpFile,

        [ValidateNotNullOrEmpty()]
        [string]$Pkcs11Module,

        [switch]$Quiet,

        [switch]$Repair
    )

    end {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $place = Resolve-StorePlace -Cmdlet $PSCmdlet -Path $StorePath -Location $StoreLocation -Provider $StoreProvider
        $parameters = @{ readers = $Reader; storePlace = $place; storeName = $StoreName; pkcs11Module = $null; rdpFile = $null }
        if ($Pkcs11Module) { $parameters.pkcs11Module = $Pkcs11Module }
        if ($RdpFile) { $parameters.rdpFile = Resolve-RdpFile -Cmdlet $PSCmdlet -Path $RdpFile }
        $checks = @(Invoke-Diagnosis -Cmdlet $PSCmdlet -Parameters $parameters)
        if ($Repair -and (Repair-Finding -Cmdlet $PSCmdlet -Checks $checks -Parameters $parameters)) {
            $checks = @(Invoke-Diagnosis -Cmdlet $PSCmdlet -Parameters $parameters)
        }
        if ($Quiet) { @($checks | Where-Object status -EQ 'Failed').Count -eq 0 }
        else { $checks | ForEach-Object { ConvertTo-Check -Check $_ } }
    }
}
