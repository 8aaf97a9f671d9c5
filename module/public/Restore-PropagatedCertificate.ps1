function Restore-PropagatedCertificate {
    <#
    .SYNOPSIS
    Puts removed certificates back out of a backup that Remove-PropagatedCertificate made.

    .DESCRIPTION
    Puts back what one run of Remove-PropagatedCertificate took out of stores and profiles: each certificate exactly as it was stored, with its
    key link and all other properties, and in folders and profiles byte for byte, with the file's owner and access rights where the system has
    guarded access to them. Entries of a profile's folder Keys that pointed to the certificate's key are put back where they are missing.

    Nothing is overwritten: where a certificate with the same thumbprint is in the store, the result is Skipped with the reason AlreadyThere.
    Running it again does what is still to do.

    The backup does not lead anywhere by itself. Say where to restore: with -ProfilePath, -AllProfiles, -StorePath or -StoreLocation, or by
    piping results of Remove-PropagatedCertificate, which name their profile. Of what the backup holds, that is restored which came from these
    places. A profile is known again by its folder, unless it is another user's by now; else by its user's SID; else by its folder's name, if
    there is only one of that name in the backup and among those given. What came from one place alone can be restored to any one folder with
    -StorePath.

    .PARAMETER BackupPath
    The folder of one run: BackupPath of the removal's results. The folders of runs lie in the folder that Remove-PropagatedCertificate
    -BackupPath names, by the time of each in UTC, and come from Get-ChildItem, too.

    .PARAMETER Thumbprint
    Only the certificates with these thumbprints (SHA-1, 40 hex digits), typed or from the pipeline.

    .PARAMETER StorePath
    The folder that holds SystemCertificates (%APPDATA%\Microsoft of a Windows profile), on any system.

    .PARAMETER StoreLocation
    Whose of Windows' own stores: those of the current user, which is the default, or of the local machine.

    .PARAMETER StoreProvider
    System, the default: Windows' own stores. DotNet: the stores that .NET's X509Store has.

    .PARAMETER ProfilePath
    Folders of users' profiles, with wildcards: D:\Profiles\*. Links in them are not followed.
    On Windows and Linux; elsewhere it ends with the error ProfilesUnavailable.

    .PARAMETER AllProfiles
    The profiles that Windows lists on this machine (ProfileList), those of the system's own accounts too. Run it elevated. Elsewhere than on
    Windows it ends with the error ProfilesUnavailable.

    .PARAMETER WhatIf
    Shows what would be done. The output is the plan: the same objects with Planned set to true.

    .PARAMETER Confirm
    Asks before each certificate.

    .EXAMPLE
    $removed = Remove-PropagatedCertificate -ProfilePath 'D:\Profiles\*' -Expired -Confirm:$false
    $removed | Restore-PropagatedCertificate

    Removes what has expired from the profiles of a server, and takes that back.

    .EXAMPLE
    Restore-PropagatedCertificate -BackupPath C:\ProgramData\CertProp\Backup\20261126T081500Z-0a1b2c3d -ProfilePath 'D:\Profiles\ada' -WhatIf

    Shows what one run removed from one profile and what of it would be put back.

    .EXAMPLE
    Get-ChildItem -Path C:\ProgramData\CertProp\Backup | Restore-PropagatedCertificate -ProfilePath 'D:\Profiles\*' -Thumbprint A6549140A34A7D80E7DC3EB62ED42DA7E71F48BB

    Puts one certificate back wherever any run removed it.

    .INPUTS
    CertProp.PropagationResult, or any object with a BackupPath or a FullName

    .OUTPUTS
    CertProp.PropagationResult

    .LINK
    Remove-PropagatedCertificate
    #>
    [CmdletBinding(DefaultParameterSetName = 'System', SupportsShouldProcess)]
    [OutputType('CertProp.PropagationResult')]
    param(
        [Parameter(Position = 0, Mandatory, ValueFromPipelineByPropertyName)]
        [Alias('FullName')]
        [AllowEmptyString()]
        [string]$BackupPath,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string[]]$Thumbprint,

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
        [switch]$AllProfiles
    )

    begin {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $hasInput = $MyInvocation.ExpectingInput
        $given = $PSBoundParameters
        $place = @{
            StorePath     = $StorePath
            StoreLocation = $StoreLocation
            StoreProvider = $StoreProvider
            ProfilePath   = $ProfilePath
            AllProfiles   = $AllProfiles
        }
        $defaultPlace = Resolve-StoresPlace -Cmdlet $PSCmdlet @place
        $isPlaceGiven = @($place.Keys | Where-Object { $given.ContainsKey($_) }).Count -gt 0
        $targets = [System.Collections.Specialized.OrderedDictionary]::new()
    }

    process {
        # A result of something that was not removed has no backup.
        if (-not $BackupPath) { return }
        $storePlace = $null
        if ($hasInput -and -not $isPlaceGiven) { $storePlace = Get-ObjectPlace -InputObject $_ }
        if ($null -eq $storePlace) { $storePlace = $defaultPlace }
        $folder = Resolve-BackupPath -Cmdlet $PSCmdlet -Path $BackupPath
        $key = ConvertTo-AsciiJson -Value @{ place = $storePlace; backup = $folder }
        if (-not $targets.Contains($key)) {
            $targets[$key] = @{
                storePlace  = $storePlace
                backupPath  = $folder
                thumbprints = [System.Collections.Generic.List[string]]::new()
            }
        }
        foreach ($one in $Thumbprint) { $targets[$key].thumbprints.Add((ConvertTo-Thumbprint -Cmdlet $PSCmdlet -Text $one)) }
    }

    end {
        foreach ($target in $targets.Values) {
            $thumbprints = $null
            if ($target.thumbprints.Count -gt 0) { $thumbprints = $target.thumbprints.ToArray() }
            $parameters = @{ storePlace = $target.storePlace; backupPath = $target.backupPath; thumbprints = $thumbprints }
            Invoke-Plan -Cmdlet $PSCmdlet -Method 'restoration/plan' -Parameters $parameters
        }
    }
}
