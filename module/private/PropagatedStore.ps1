# Where propagated certificates are looked for, and which are meant: what Get- and Remove-PropagatedCertificate have in common.

# The stores' place as the contract has it, from the cmdlet's parameters.
function Resolve-StoresPlace {
    param(
        [System.Management.Automation.PSCmdlet]$Cmdlet,
        [string]$StorePath,
        [string]$StoreLocation,
        [string]$StoreProvider,
        [string[]]$ProfilePath,
        [bool]$AllProfiles
    )

    if ($AllProfiles) { return @{ kind = 'AllProfiles' } }
    if ($ProfilePath) {
        return @{ kind = 'Profiles'; paths = [string[]]@($ProfilePath | ForEach-Object { Resolve-ProfilePath -Cmdlet $Cmdlet -Path $_ }) }
    }
    Resolve-StorePlace -Cmdlet $Cmdlet -Path $StorePath -Location $StoreLocation -Provider $StoreProvider
}

# The place that a piped object names (CertProp.PropagatedCertificate, or what CSV and JSON made of one); nothing where it names none.
function Get-ObjectPlace {
    param([psobject]$InputObject)

    $profilePath = Get-Field -InputObject $InputObject -Name ProfilePath
    # A path is no pattern.
    if ($profilePath) { return @{ kind = 'Profiles'; paths = [string[]]@([System.Management.Automation.WildcardPattern]::Escape($profilePath)) } }
    $storePath = Get-Field -InputObject $InputObject -Name StorePath
    if ($storePath) { return @{ kind = 'Folder'; path = $storePath } }
    $location = Get-Field -InputObject $InputObject -Name StoreLocation
    $provider = Get-Field -InputObject $InputObject -Name StoreProvider
    if ($location -and $provider) { @{ kind = [string]$provider; location = [string]$location } }
}

# The certificates to be removed from one place; a new entry of the targets for the first of them.
function Get-RemovalTarget {
    param([System.Collections.Specialized.OrderedDictionary]$Targets, [hashtable]$StorePlace, [string[]]$StoreNames)

    if (-not $StoreNames) {
        $StoreNames = 'My'
        if ($StorePlace.kind -in 'Profiles', 'AllProfiles') { $StoreNames = 'My', 'Request' }
    }
    $key = ConvertTo-AsciiJson -Value @{ place = $StorePlace; names = $StoreNames }
    if (-not $Targets.Contains($key)) {
        $Targets[$key] = @{
            StorePlace  = $StorePlace
            StoreNames  = $StoreNames
            Thumbprints = [System.Collections.Generic.List[string]]::new()
        }
    }
    $Targets[$key]
}

# What the parameters that both cmdlets have select, as the contract has it.
function ConvertTo-Selection {
    param([System.Management.Automation.PSCmdlet]$Cmdlet)

    $given = $Cmdlet.MyInvocation.BoundParameters
    $texts = @{
        subjects      = 'Subject'
        issuers       = 'Issuer'
        serialNumbers = 'SerialNumber'
        cardIds       = 'CardId'
        readers       = 'Reader'
        evidence      = 'Evidence'
        pkcs11Module  = 'Pkcs11Module'
    }
    $selection = @{ thumbprints = $null; olderThan = $null }
    foreach ($field in $texts.Keys) {
        $selection[$field] = $null
        if ($given.ContainsKey($texts[$field])) { $selection[$field] = $given[$texts[$field]] }
    }
    foreach ($switch in 'NotOnCard', 'Expired', 'ForeignUser') {
        $field = $switch.Substring(0, 1).ToLowerInvariant() + $switch.Substring(1)
        $selection[$field] = $given.ContainsKey($switch) -and [bool]$given[$switch]
    }
    if ($given.ContainsKey('OlderThan')) { $selection.olderThan = ConvertTo-AgeMilliseconds -Cmdlet $Cmdlet -Age $given['OlderThan'] }
    Assert-Selection -Cmdlet $Cmdlet -Selection $selection
    $selection
}

function Assert-Selection {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [hashtable]$Selection)

    if ($Selection.readers -and $Selection.notOnCard) {
        $message = '-Reader means certificates of the cards in these readers, -NotOnCard those of no card: give one of them.'
        $Cmdlet.ThrowTerminatingError((New-ErrorRecord -Id SelectorConflict -Message $message))
    }
    $given = $Cmdlet.MyInvocation.BoundParameters
    $isNobodys = $given.ContainsKey('StorePath') -or ($given.ContainsKey('StoreLocation') -and $given['StoreLocation'] -eq 'LocalMachine')
    if ($Selection.foreignUser -and $isNobodys) {
        $message = "-ForeignUser needs to know whose store it is, which neither -StorePath nor the local machine says: give the user's profile with -ProfilePath."
        $Cmdlet.ThrowTerminatingError((New-ErrorRecord -Id SelectorConflict -Message $message))
    }
}

# A time span, or a number of days, as milliseconds.
function ConvertTo-AgeMilliseconds {
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [object]$Age)

    $span = [timespan]::Zero
    $isAge = $true
    if ($Age -is [timespan]) { $span = $Age }
    else {
        $days = 0.0
        $culture = [System.Globalization.CultureInfo]::InvariantCulture
        $text = [System.Convert]::ToString($Age, $culture)
        if ([double]::TryParse($text, [System.Globalization.NumberStyles]::Float, $culture, [ref]$days)) {
            $isAge = [System.Math]::Abs($days) -lt [timespan]::MaxValue.TotalDays
            if ($isAge) { $span = [timespan]::FromDays($days) }
        }
        else { $isAge = [timespan]::TryParse($text, $culture, [ref]$span) }
    }
    if (-not $isAge -or $span -lt [timespan]::Zero) {
        $message = "'$(ConvertTo-VisibleText -Text "$Age")' is no age. Give a number of days, such as 90, or a time span."
        $Cmdlet.ThrowTerminatingError((New-ErrorRecord -Id InvalidAge -Message $message -TargetObject $Age))
    }
    [long]$span.TotalMilliseconds
}
