function Get-PropagatedCertificate {
    <#
    .SYNOPSIS
    Finds certificates in stores and users' profiles that came from smart cards.

    .DESCRIPTION
    Looks through the Personal store and the store of requests, of the current user, of a folder, or of many users' profiles, and gives one
    object for each certificate that came from a card. Nothing is changed. Several parameters narrow the selection.

    Evidence says what shows that it came from a card. Mark: CertProp's mark in its description. KeyLink: only a link to a smart card
    provider, as Windows' own service makes it. Any user can write a mark, so a link to a key in software always wins over it. Certificates
    without evidence are passed over, but for those that -Thumbprint, -Subject, -SerialNumber or -Reader single out: their Evidence is empty.

    LinkState is one of: Linked, to a smart card provider; Stale, the inserted card has the key in another container; NoLink; Software, to
    a key outside smart cards; Unreadable. IsOnCard is empty where that can't be known: not every card could be read, or it is another
    user's profile, whose session has readers of its own. IsForeignUser says that the user part of the certificate's UPN is not the name of
    the profile's user; it is empty where one of them is not known. PropagatedAt is the time that the mark gives.

    Objects come as they are found, however many profiles there are, and the progress tells the time that is left. Ctrl+C ends it at once.
    As nothing is kept of it, an inventory that was ended starts anew.

    The objects go to Remove-PropagatedCertificate, also by way of CSV. Entries that can't be read, and profiles and stores that can't be
    entered, are named in warnings; links in profiles are never followed. Registry stores of users who are not signed in (NTUSER.DAT) are
    not read.

    .PARAMETER Thumbprint
    The certificates with these thumbprints (SHA-1, 40 hex digits). Spaces, lower case and the invisible character that certmgr puts in
    front are accepted.

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
    The certificates that are on none of the inserted cards. Fails unless every card could be read, and for other users' profiles: their
    sessions have readers that can't be seen from here.

    .PARAMETER Expired
    The certificates that have expired.

    .PARAMETER ForeignUser
    The certificates whose UPN names another user than the profile's: the part before the @ is not the profile's user name. Where user
    names and UPNs differ by design, each certificate looks like another user's.

    .PARAMETER OlderThan
    The certificates that were propagated longer ago than this: a number of days, or a time span. CertProp's mark says when; certificates
    without a mark don't tell, and are not meant.

    .PARAMETER Evidence
    Mark: only certificates with CertProp's mark. KeyLink: only those that a link to a smart card provider alone shows, put there by
    another program.

    .PARAMETER StorePath
    The folder that holds SystemCertificates (%APPDATA%\Microsoft of a Windows profile), on any system. Elsewhere than on Windows this,
    -ProfilePath or -StoreProvider DotNet is needed.

    .PARAMETER StoreLocation
    Whose store: that of the current user, which is the default, or of the local machine.

    .PARAMETER StoreProvider
    System, the default: Windows' own stores. DotNet: the stores that .NET's X509Store has, which show neither links nor marks.

    .PARAMETER ProfilePath
    Folders of users' profiles, with wildcards: D:\Profiles\*, a share, a mounted profile disk. Each holds AppData. Links in them are not
    followed.
    On Windows and Linux; elsewhere it ends with the error ProfilesUnavailable.

    .PARAMETER AllProfiles
    The profiles that Windows lists on this machine (ProfileList), those of the system's own accounts too. Run it elevated. Elsewhere than on
    Windows it ends with the error ProfilesUnavailable.

    .PARAMETER StoreName
    The stores' names; My and Request by default (with -StoreProvider DotNet My), and no others in profiles.

    .PARAMETER Summary
    Gives one object for each profile, or for the place: how many certificates there are and how many came from cards, and of these the
    expired ones, those of other users, and those on an inserted card; Problems counts what could not be read.

    .PARAMETER Pkcs11Module
    The full path of a PKCS #11 module whose tokens count as cards too. Without it, the module that the organization has set in the
    machine's configuration is used, if there is one.

    .EXAMPLE
    Get-PropagatedCertificate

    Lists what came from cards in the current user's stores.

    .EXAMPLE
    Get-PropagatedCertificate -ProfilePath 'D:\Profiles\*' -Summary | Sort-Object FromCards -Descending

    Shows in which profiles of a server cards have left most behind.

    .EXAMPLE
    Get-PropagatedCertificate -ProfilePath 'D:\Profiles\*' -ForeignUser | Export-Csv -Path foreign.csv

    Writes down which certificates of other people lie in the profiles of this machine. Import-Csv and Remove-PropagatedCertificate remove
    them later.

    .OUTPUTS
    CertProp.PropagatedCertificate

    .OUTPUTS
    CertProp.PropagatedSummary

    .LINK
    Remove-PropagatedCertificate
    #>
    [CmdletBinding(DefaultParameterSetName = 'System')]
    [OutputType('CertProp.PropagatedCertificate', 'CertProp.PropagatedSummary')]
    param(
        [Parameter(Position = 0)]
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

        [switch]$Summary,

        [ValidateNotNullOrEmpty()]
        [string]$Pkcs11Module
    )

    end {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $place = @{
            StorePath     = $StorePath
            StoreLocation = $StoreLocation
            StoreProvider = $StoreProvider
            ProfilePath   = $ProfilePath
            AllProfiles   = $AllProfiles
        }
        if (-not $StoreName) {
            $StoreName = 'My', 'Request'
            if ($StoreProvider -eq 'DotNet') { $StoreName = 'My' }
        }
        $parameters = ConvertTo-Selection -Cmdlet $PSCmdlet
        $parameters.storePlace = Resolve-StoresPlace -Cmdlet $PSCmdlet @place
        $parameters.storeNames = $StoreName
        $parameters.summary = [bool]$Summary
        if ($Thumbprint) { $parameters.thumbprints = [string[]]@(ConvertTo-Thumbprint -Cmdlet $PSCmdlet -Text $Thumbprint) }
        $request = New-EngineRequest -Method 'inventory/list' -Parameters $parameters
        Invoke-NeededRequest -Cmdlet $PSCmdlet -Request $request | ForEach-Object {
            if ($Summary) { ConvertTo-PropagatedSummary -Summary $_.summary }
            else { ConvertTo-PropagatedCertificate -Certificate $_.certificate }
        }
    }
}
