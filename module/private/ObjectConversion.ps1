# The objects of the public data model, from what the contract sends. Every property is always there.

function ConvertTo-SmartCard {
    param([psobject]$Card)

    $family = $null
    if ($Card.families) { $family = $Card.families -join ', ' }
    [pscustomobject]@{
        PSTypeName          = 'CertProp.SmartCard'
        ReaderName          = $Card.readerName
        State               = $Card.state
        Atr                 = $Card.atr
        CardFamily          = $family
        CardId              = $Card.cardId
        Label               = $Card.label
        SerialNumber        = $Card.serialNumber
        PinsFreshness       = $Card.pinsFreshness
        ContainersFreshness = $Card.containersFreshness
        FilesFreshness      = $Card.filesFreshness
        CertificateCount    = $Card.certificateCount
    }
}

function ConvertTo-CardCertificate {
    param([psobject]$Certificate)

    [pscustomobject]@{
        PSTypeName   = 'CertProp.CardCertificate'
        Thumbprint   = $Certificate.thumbprint
        Subject      = $Certificate.subject
        Issuer       = $Certificate.issuer
        SerialNumber = $Certificate.serialNumber
        NotBefore    = ConvertTo-LocalTime -Milliseconds $Certificate.notBefore
        NotAfter     = ConvertTo-LocalTime -Milliseconds $Certificate.notAfter
        Upn          = $Certificate.upn
        KeyAlgorithm = $Certificate.keyAlgorithm
        ReaderName   = $Certificate.readerName
        CardId       = $Certificate.cardId
        CardFamily   = $Certificate.cardFamily
        Container    = $Certificate.container
        KeySpec      = $Certificate.keySpec
        FileName     = $Certificate.fileName
        Slot         = $Certificate.slot
        IsDefault    = $Certificate.isDefault
        IsRoot       = $Certificate.isRoot
        RawData      = $Certificate.rawData
    }
}

function ConvertTo-PropagationResult {
    param([psobject]$Result)

    [pscustomobject]@{
        PSTypeName   = 'CertProp.PropagationResult'
        Thumbprint   = $Result.thumbprint
        Subject      = $Result.subject
        SerialNumber = $Result.serialNumber
        Store        = $Result.store
        ProfilePath  = $Result.profilePath
        Action       = $Result.action
        Reason       = $Result.reason
        Detail       = $Result.detail
        Planned      = $Result.planned
        Provider     = $Result.provider
        Container    = $Result.container
        ReaderName   = $Result.readerName
        CardId       = $Result.cardId
        BackupPath   = $Result.backupPath
    }
}

function ConvertTo-PropagatedCertificate {
    param([psobject]$Certificate)

    $propagatedAt = $null
    if ($null -ne $Certificate.propagatedAt) { $propagatedAt = ConvertTo-LocalTime -Milliseconds $Certificate.propagatedAt }
    [pscustomobject]@{
        PSTypeName    = 'CertProp.PropagatedCertificate'
        Thumbprint    = $Certificate.thumbprint
        Subject       = $Certificate.subject
        Issuer        = $Certificate.issuer
        SerialNumber  = $Certificate.serialNumber
        NotBefore     = ConvertTo-LocalTime -Milliseconds $Certificate.notBefore
        NotAfter      = ConvertTo-LocalTime -Milliseconds $Certificate.notAfter
        Upn           = $Certificate.upn
        Evidence      = $Certificate.evidence
        LinkState     = $Certificate.linkState
        IsOnCard      = $Certificate.isOnCard
        IsExpired     = $Certificate.isExpired
        IsForeignUser = $Certificate.isForeignUser
        ReaderName    = $Certificate.readerName
        CardId        = $Certificate.cardId
        Provider      = $Certificate.provider
        Container     = $Certificate.container
        PropagatedAt  = $propagatedAt
        StoreName     = $Certificate.storeName
        StorePath     = $Certificate.storePath
        StoreLocation = $Certificate.storeLocation
        StoreProvider = $Certificate.storeProvider
        ProfilePath   = $Certificate.profilePath
        ProfileUser   = $Certificate.profileUser
    }
}

function ConvertTo-PropagatedSummary {
    param([psobject]$Summary)

    [pscustomobject]@{
        PSTypeName    = 'CertProp.PropagatedSummary'
        ProfilePath   = $Summary.profilePath
        ProfileUser   = $Summary.profileUser
        StorePath     = $Summary.storePath
        StoreLocation = $Summary.storeLocation
        StoreProvider = $Summary.storeProvider
        Certificates  = $Summary.certificates
        FromCards     = $Summary.fromCards
        Expired       = $Summary.expired
        ForeignUser   = $Summary.foreignUser
        OnCard        = $Summary.onCard
        Problems      = $Summary.problems
    }
}

function ConvertTo-CardCacheCounter {
    param([psobject]$Counter)

    [pscustomobject]@{
        PSTypeName                  = 'CertProp.CardCacheCounter'
        ReaderName                  = $Counter.readerName
        CardId                      = $Counter.cardId
        PinsFreshness               = $Counter.pinsFreshness
        ContainersFreshness         = $Counter.containersFreshness
        FilesFreshness              = $Counter.filesFreshness
        PreviousPinsFreshness       = $Counter.previousPinsFreshness
        PreviousContainersFreshness = $Counter.previousContainersFreshness
        PreviousFilesFreshness      = $Counter.previousFilesFreshness
    }
}

# What begins with Propagation is filled in by whoever propagates what was added.
function ConvertTo-CardCertificateChange {
    param([psobject]$Change)

    [pscustomobject]@{
        PSTypeName                  = 'CertProp.CardCertificateChange'
        Thumbprint                  = $Change.thumbprint
        Subject                     = $Change.subject
        SerialNumber                = $Change.serialNumber
        Action                      = $Change.action
        Planned                     = $Change.planned
        ReaderName                  = $Change.readerName
        CardId                      = $Change.cardId
        CardFamily                  = $Change.cardFamily
        FileName                    = $Change.fileName
        Container                   = $Change.container
        KeySpec                     = $Change.keySpec
        Slot                        = $Change.slot
        IsRoot                      = $Change.isRoot
        ReplacedThumbprint          = $Change.replacedThumbprint
        ContainersFreshness         = $Change.containersFreshness
        FilesFreshness              = $Change.filesFreshness
        PreviousContainersFreshness = $Change.previousContainersFreshness
        PreviousFilesFreshness      = $Change.previousFilesFreshness
        BackupPath                  = $Change.backupPath
        PropagationAction           = $null
        PropagationReason           = $null
        PropagationDetail           = $null
    }
}

function ConvertTo-CardCacheItem {
    param([psobject]$Item)

    [pscustomobject]@{
        PSTypeName = 'CertProp.CardCacheItem'
        ReaderName = $Item.readerName
        CardId     = $Item.cardId
        Name       = $Item.name
        State      = $Item.state
        Freshness  = $Item.freshness
        Length     = $Item.length
        Detail     = $Item.detail
    }
}

function ConvertTo-Check {
    param([psobject]$Check)

    [pscustomobject]@{
        PSTypeName = 'CertProp.Check'
        Name       = $Check.name
        Status     = $Check.status
        Finding    = $Check.finding
        Evidence   = $Check.evidence
        Remedy     = $Check.remedy
    }
}

function ConvertTo-Policy {
    param([psobject]$Policy)

    [pscustomobject]@{
        PSTypeName  = 'CertProp.Policy'
        Name        = $Policy.name
        Value       = $Policy.value
        Effective   = $Policy.effective
        Source      = $Policy.source
        Path        = $Policy.path
        Description = $Policy.description
    }
}

# Milliseconds since 1970-01-01T00:00:00Z. What a card claims can lie outside of what a DateTime holds.
function ConvertTo-LocalTime {
    param([long]$Milliseconds)

    $first = [System.DateTimeOffset]::MinValue.ToUnixTimeMilliseconds()
    $last = [System.DateTimeOffset]::MaxValue.ToUnixTimeMilliseconds()
    $within = [System.Math]::Min([System.Math]::Max($Milliseconds, $first), $last)
    [System.DateTimeOffset]::FromUnixTimeMilliseconds($within).LocalDateTime
}
