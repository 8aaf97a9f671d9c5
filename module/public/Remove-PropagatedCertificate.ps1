function Remove-PropagatedCertificate {
    <#
    .SYNOPSIS
    Takes certificates that came from smart cards out of stores and users' profiles.

    .DESCRIPTION
    Removes the certificates that the parameters, or objects in the pipeline, select; several parameters narrow the selection.
    The keys on the card are not touched, and the certificates stay on the card.

    Only what shows that it came from a card is removed: a link to a smart card provider, or CertProp's mark. A
    certificate that is linked to a key in software is left alone. A certificate that is named by typing -Thumbprint goes in any case;
    thumbprints from the pipeline only select.

    Objects from Get-PropagatedCertificate say themselves in which store or profile their certificate lies, also when they come out of a
    CSV file. A place that is given by parameter goes before theirs.

    What is removed from profiles is in a backup before, on disk: the result's BackupPath is its folder, out of which
    Restore-PropagatedCertificate puts it back exactly as it was. What can't be kept is not removed.

    A removal that was ended, by Ctrl+C, a crash or a power cut, leaves nothing half done: run it again, and it removes what is left. Each
    run has a backup folder of its own; together they hold all that was removed.

    Think of two things before you remove. Autoenrollment looks after the certificates that it finds in the Personal store: one that is no
    longer there is not renewed, until its card is propagated again, and may be enrolled for anew. And mail that was encrypted for a
    certificate can be read only while that certificate is in the Personal store, with the link to its key, and its card is inserted: keep
    expired encryption certificates of the profile's own user. The key itself stays on the card, and propagating the card again restores
    both.

    .PARAMETER Thumbprint
    The certificates with these thumbprints (SHA-1, 40 hex digits), typed or from the pipeline. Spaces, lower case and the invisible
    character that certmgr puts in front are accepted.

    .PARAMETER Subject
    The certificates whose subject fits one of these patterns, with wildcards.

    .PARAMETER Issuer
    The certificates whose issuer fits one of these patterns, with wildcards.

    .PARAMETER SerialNumber
    The certificates with these serial numbers, in hex.

    .PARAMETER CardId
    The certificates that came from the cards with these ids, with wildcards, as CertProp's mark says. Without a mark the card is not known.

    .PARAMETER Reader
    The certificates of the cards in these readers, with wildcards. The names complete with Tab.

    .PARAMETER NotOnCard
    The certificates that are on none of the inserted cards. Fails, and removes nothing, unless every reader could be read. It also fails
    for other users' profiles: their sessions have readers that can't be seen from here.

    .PARAMETER Expired
    The certificates that have expired.

    .PARAMETER ForeignUser
    The certificates whose UPN names another user than the profile's: the part before the @ is not the profile's user name. Where user
    names and UPNs differ by design, each certificate looks like another user's: see what Get-PropagatedCertificate -ForeignUser lists first.

    .PARAMETER OlderThan
    The certificates that were propagated longer ago than this: a number of days, or a time span. CertProp's mark says when; certificates
    without a mark don't tell, and are not meant.

    .PARAMETER Evidence
    Mark: only certificates with CertProp's mark. KeyLink: only those that a link to a smart card provider alone shows, put there by
    another program.

    .PARAMETER Root
    The roots that CertProp propagated from cards, in the machine's store SmartCardRoot (with -StorePath, the folder's); on Windows this takes
    an administrator's rights. With -NotOnCard those that no inserted card holds. Other parameters narrow the selection further.

    .PARAMETER StorePath
    The folder that holds SystemCertificates (%APPDATA%\Microsoft of a Windows profile), on any system. Elsewhere than on Windows this,
    -ProfilePath or -StoreProvider DotNet is needed.

    .PARAMETER StoreLocation
    Whose store: that of the current user, which is the default, or of the local machine, which takes administrator's rights.

    .PARAMETER StoreProvider
    System, the default: Windows' own stores. DotNet: the stores that .NET's X509Store has, on any system with .NET; outside Windows they
    keep certificates without key links.

    .PARAMETER ProfilePath
    Folders of users' profiles, with wildcards: D:\Profiles\*, a share, a mounted profile disk. Each holds AppData. Links in them are not
    followed. What is removed from a roaming profile may come back with the server's copy.
    On Windows and Linux; elsewhere it ends with the error ProfilesUnavailable.

    .PARAMETER AllProfiles
    The profiles that Windows lists on this machine (ProfileList), those of the system's own accounts too. Run it elevated. Elsewhere than on
    Windows it ends with the error ProfilesUnavailable.

    .PARAMETER StoreName
    The stores' names. By default My, the Personal store; with -ProfilePath and -AllProfiles My and Request, and no others.

    .PARAMETER Pkcs11Module
    The full path of a PKCS #11 module whose tokens count as cards too, for -Reader and -NotOnCard. Without it, the module that the
    organization has set in the machine's configuration is used, if there is one.

    .PARAMETER BackupPath
    The folder in which what is removed is kept before, a folder in it for each run. It has to belong to you (elevated: to administrators),
    and nobody else may be able to change it; it is made where it is missing. Without this parameter it is, elevated,
    %ProgramData%\CertProp\Backup (/var/lib/certprop/backup), else CertProp\Backup in your local application data
    (~/.local/state/certprop/backup), and only what is removed from profiles is kept: of one's own stores, and of a store that -StorePath
    names, propagating the card again restores it.

    .PARAMETER WhatIf
    Shows what would be done. The output is the plan: the same objects with Planned set to true.

    .PARAMETER Confirm
    Asks before each removal, which is the default. With -Confirm:$false nothing is asked.

    .EXAMPLE
    Remove-PropagatedCertificate -NotOnCard -WhatIf

    Shows which certificates of cards that are no longer inserted would go.

    .EXAMPLE
    Get-CardCertificate | Remove-PropagatedCertificate -Confirm:$false

    Takes the certificates of the inserted cards out of the store without asking.

    .EXAMPLE
    Remove-PropagatedCertificate -Expired -Subject '*O=Example*'

    Removes, asking for each, what has expired of certificates of one organization.

    .EXAMPLE
    Remove-PropagatedCertificate -Root -NotOnCard -Confirm:$false

    Cleans up: takes back the roots of cards that are no longer inserted.

    .EXAMPLE
    Get-PropagatedCertificate -ProfilePath 'D:\Profiles\*' -ForeignUser | Where-Object Evidence -eq Mark | Remove-PropagatedCertificate -Confirm:$false

    Takes other people's certificates that CertProp propagated out of the profiles of this machine.

    .EXAMPLE
    Remove-PropagatedCertificate -ProfilePath 'D:\Profiles\*' -Expired -OlderThan 90 -WhatIf

    Shows which expired certificates would go from the profiles of a server, of those that were propagated more than 90 days ago.

    .INPUTS
    CertProp.PropagatedCertificate, or any object with a Thumbprint

    .OUTPUTS
    CertProp.PropagationResult

    .LINK
    Restore-PropagatedCertificate

    .LINK
    Get-PropagatedCertificate

    .LINK
    Invoke-CertPropagation
    #>
    [CmdletBinding(DefaultParameterSetName = 'System', SupportsShouldProcess, ConfirmImpact = 'High')]
    [OutputType('CertProp.PropagationResult')]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string[]]$Thumbprint,

        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Subject,

        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Issuer,

        [ValidateNotNullOrEmpty()]
        [string[]]$SerialNumber,

        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$CardId,

        [Alias('ReaderName')]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$Reader,

        [switch]$NotOnCard,

        [switch]$Expired,

        [switch]$ForeignUser,

        [ValidateNotNullOrEmpty()]
        [object]$OlderThan,

        [ValidateSet('Mark', 'KeyLink')]
        [string]$Evidence,

        [switch]$Root,

        [Parameter(ParameterSetName = 'Folder', Mandatory)]
        [ValidateNotNullOrEmpty()]
        [string]$StorePath,

        [Parameter(ParameterSetName = 'System')]
        [ValidateSet('CurrentUser', 'LocalMachine')]
        [string]$StoreLocation = 'CurrentUser',

        [Parameter(ParameterSetName = 'System')]
        [ValidateSet('System', 'DotNet')]
        [string]$StoreProvider = 'System',

        [Parameter(ParameterSetName = 'Profile', Mandatory)]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]]$ProfilePath,

        [Parameter(ParameterSetName = 'AllProfiles', Mandatory)]
        [switch]$AllProfiles,

        [ValidateNotNullOrEmpty()]
        [string[]]$StoreName,

        [ValidateNotNullOrEmpty()]
        [string]$Pkcs11Module,

        [ValidateNotNullOrEmpty()]
        [string]$BackupPath
    )

    begin {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $hasInput = $MyInvocation.ExpectingInput
        $given = $PSBoundParameters
        $selectors = 'Thumbprint', 'Subject', 'Issuer', 'SerialNumber', 'CardId', 'Reader', 'NotOnCard', 'Expired', 'ForeignUser', 'OlderThan', 'Evidence', 'Root'
        $isSelected = @($selectors | Where-Object { $given.ContainsKey($_) -and -not ($given[$_] -is [switch] -and -not $given[$_]) }).Count -gt 0
        if (-not $hasInput -and -not $isSelected) {
            $message = 'Say which certificates: pipe objects from Get-PropagatedCertificate or Get-CardCertificate, or give -Thumbprint, -Subject, -Issuer, -SerialNumber, -CardId, -Reader, -NotOnCard, -Expired, -ForeignUser, -OlderThan, -Evidence or -Root.'
            $PSCmdlet.ThrowTerminatingError((New-ErrorRecord -Id SelectorRequired -Message $message))
        }
        if ($Root -and ($StoreName -or $ProfilePath -or $AllProfiles)) {
            $message = '-Root means the store SmartCardRoot; -StoreName, -ProfilePath and -AllProfiles mean other ones: give one of them.'
            $PSCmdlet.ThrowTerminatingError((New-ErrorRecord -Id SelectorConflict -Message $message))
        }
        $selection = ConvertTo-Selection -Cmdlet $PSCmdlet
        $selection.named = $given.ContainsKey('Thumbprint')
        $selection.roots = [bool]$Root
        $place = @{
            StorePath     = $StorePath
            StoreLocation = $StoreLocation
            StoreProvider = $StoreProvider
            ProfilePath   = $ProfilePath
            AllProfiles   = $AllProfiles
        }
        $defaultPlace = Resolve-StoresPlace -Cmdlet $PSCmdlet @place
        $isPlaceGiven = @($place.Keys | Where-Object { $given.ContainsKey($_) }).Count -gt 0 -or $Root
        $backupFolder = $null
        if ($BackupPath) { $backupFolder = Resolve-BackupPath -Cmdlet $PSCmdlet -Path $BackupPath }
        $backup = @{ folder = $backupFolder; run = [guid]::NewGuid().ToString() }
        $targets = [System.Collections.Specialized.OrderedDictionary]::new()
    }

    process {
        $storePlace = $null
        $names = $StoreName
        if ($hasInput) {
            if (-not $isPlaceGiven) { $storePlace = Get-ObjectPlace -InputObject $_ }
            if (-not $names -and $null -ne $storePlace) { $names = Get-Field -InputObject $_ -Name StoreName }
        }
        if ($null -eq $storePlace) { $storePlace = $defaultPlace }
        $target = Get-RemovalTarget -Targets $targets -StorePlace $storePlace -StoreNames $names
        foreach ($one in $Thumbprint) { $target.Thumbprints.Add((ConvertTo-Thumbprint -Cmdlet $PSCmdlet -Text $one)) }
    }

    end {
        $done = 0
        foreach ($target in $targets.Values) {
            # Nothing in the pipeline means nothing to do, whatever else was selected.
            if ($hasInput -and $target.Thumbprints.Count -eq 0) { continue }
            if ($targets.Count -gt 1) { Write-EngineProgress -StreamEvent @{ activity = 'Removing'; done = $done; total = $targets.Count; secondsLeft = $null } }
            $parameters = $selection + @{ storePlace = $target.StorePlace; storeNames = $target.StoreNames }
            $parameters.backup = $null
            if ($BackupPath -or $target.StorePlace.kind -in 'Profiles', 'AllProfiles') { $parameters.backup = $backup }
            if ($target.Thumbprints.Count -gt 0) { $parameters.thumbprints = $target.Thumbprints.ToArray() }
            Invoke-Plan -Cmdlet $PSCmdlet -Method 'removal/plan' -Parameters $parameters
            $done++
        }
        if ($targets.Count -gt 1) { Write-Progress -Activity 'Removing' -Completed }
    }
}
