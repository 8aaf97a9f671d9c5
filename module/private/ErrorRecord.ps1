# The category of each error; those of the engine are listed in engine/errors.ts. The others are NotSpecified.
$script:errorCategories = @{
    PcscUnavailable         = 'ResourceUnavailable'
    PcscFailure             = 'DeviceError'
    ReaderNotFound          = 'ObjectNotFound'
    ReaderUnavailable       = 'ResourceUnavailable'
    ReaderBusy              = 'ResourceBusy'
    NoCard                  = 'ResourceUnavailable'
    CardRemoved             = 'ResourceUnavailable'
    CardReset               = 'DeviceError'
    CardMute                = 'DeviceError'
    UnknownCard             = 'NotImplemented'
    CardChanged             = 'InvalidOperation'
    CardCommandFailed       = 'DeviceError'
    CardObjectNotFound      = 'ObjectNotFound'
    MalformedCardData       = 'InvalidData'
    WrongPin                = 'AuthenticationError'
    PinBlocked              = 'AuthenticationError'
    PinLastTry              = 'AuthenticationError'
    PinInvalid              = 'InvalidArgument'
    CounterNotIncreased     = 'InvalidArgument'
    CounterNotWritten       = 'WriteError'
    CardWithoutCounters     = 'NotImplemented'
    CardNotWritable         = 'NotImplemented'
    CardFull                = 'LimitsExceeded'
    CardWriteFailed         = 'WriteError'
    KeyNotOnCard            = 'InvalidOperation'
    ContainerNotFound       = 'ObjectNotFound'
    KeySpecMismatch         = 'InvalidArgument'
    NoRoot                  = 'InvalidArgument'
    ManagementKeyRequired   = 'AuthenticationError'
    ManagementKeyInvalid    = 'InvalidArgument'
    ManagementKeyNotTrusted = 'SecurityError'
    WrongManagementKey      = 'AuthenticationError'
    CertificateFileUnreadable = 'ReadError'
    PrivateKeyInFile        = 'InvalidArgument'
    MalformedCertificate    = 'InvalidData'
    CertificateNotOnCard    = 'ObjectNotFound'
    StorePathRequired       = 'InvalidArgument'
    StoreNameInvalid        = 'InvalidArgument'
    StoreNotFound           = 'ObjectNotFound'
    StoreUnavailable        = 'ResourceUnavailable'
    StoreAccessDenied       = 'PermissionDenied'
    StoreLocked             = 'ResourceBusy'
    MalformedStoreElement   = 'InvalidData'
    CertificateExists       = 'ResourceExists'
    ProfilesUnavailable     = 'NotImplemented'
    ProfileNotFound         = 'ObjectNotFound'
    LinkInProfile           = 'SecurityError'
    ReadersNotVisible       = 'ResourceUnavailable'
    BackupNotTrusted        = 'SecurityError'
    BackupFailed            = 'WriteError'
    BackupNotFound          = 'ObjectNotFound'
    BackupDamaged           = 'InvalidData'
    PrivateKeyInStore       = 'InvalidOperation'
    DotNetUnavailable       = 'NotInstalled'
    ReadersNotReadable      = 'ResourceUnavailable'
    PlanNotFound            = 'ObjectNotFound'
    MessageTooLarge         = 'LimitsExceeded'
    InvalidParams           = 'InvalidArgument'
    Pkcs11ModuleNotFound    = 'ObjectNotFound'
    Pkcs11ModuleNotTrusted  = 'SecurityError'
    Pkcs11ModuleFailed      = 'DeviceError'
    Pkcs11ModuleTimeout     = 'OperationTimeout'
    Pkcs11TokenFailed       = 'DeviceError'
    ConfigurationInvalid    = 'InvalidData'
    ConfigurationNotTrusted = 'SecurityError'
    CacheUnavailable        = 'NotImplemented'
    KeyContainerAmbiguous   = 'InvalidArgument'
    PolicyNotReadable       = 'PermissionDenied'
    PolicyInvalid           = 'InvalidData'
    ElevationRequired       = 'PermissionDenied'
    RdpFileUnavailable      = 'ObjectNotFound'
    MachineNotReadable      = 'PermissionDenied'
    # The module's own
    InvalidAge              = 'InvalidArgument'
    InvalidCertificate      = 'InvalidArgument'
    InvalidPath             = 'InvalidArgument'
    InvalidManagementKeyPath = 'InvalidArgument'
    TargetConflict          = 'InvalidArgument'
    ContainerRequired       = 'InvalidArgument'
    InvalidBackupPath       = 'InvalidArgument'
    InvalidRdpFile          = 'InvalidArgument'
    InvalidProfilePath      = 'InvalidArgument'
    InvalidThumbprint       = 'InvalidArgument'
    InvalidStorePath        = 'InvalidArgument'
    ReaderRequired          = 'InvalidArgument'
    PolicyNotFound          = 'ObjectNotFound'
    ReaderAmbiguous         = 'InvalidArgument'
    SelectorRequired        = 'InvalidArgument'
    PinRequired             = 'AuthenticationError'
    EngineMissing           = 'NotInstalled'
    EngineNotStarted        = 'ResourceUnavailable'
    EngineEnded             = 'ResourceUnavailable'
    EngineLate              = 'OperationTimeout'
    EngineProtocol          = 'ProtocolError'
    NodeNotFound            = 'NotInstalled'
    NodeTooOld              = 'NotInstalled'
    FileNotTrusted          = 'SecurityError'
    SelectorConflict        = 'InvalidArgument'
    InvalidReportInput      = 'InvalidType'
    InvalidReportPath       = 'InvalidArgument'
    ReportNotWritten        = 'WriteError'
}

function New-ErrorRecord {
    param(
        [string]$Id,
        [string]$Message,
        [object]$TargetObject = $null
    )

    $category = [System.Management.Automation.ErrorCategory]::NotSpecified
    if ($script:errorCategories.ContainsKey($Id)) { $category = $script:errorCategories[$Id] }
    $exception = [System.InvalidOperationException]::new($Message)
    [System.Management.Automation.ErrorRecord]::new($exception, $Id, $category, $TargetObject)
}

# A record that was thrown belongs to the function that threw it; a copy takes on the cmdlet that writes it.
function Copy-ErrorRecord {
    param([System.Management.Automation.ErrorRecord]$ErrorRecord)

    [System.Management.Automation.ErrorRecord]::new(
        $ErrorRecord.Exception, $ErrorRecord.FullyQualifiedErrorId, $ErrorRecord.CategoryInfo.Category, $ErrorRecord.TargetObject)
}

# An error as the engine sends it (ErrorData of the contract). What else it tells (statusWord, hresult, triesLeft, ...) is in the exception's Data.
function ConvertTo-ErrorRecord {
    param([psobject]$ErrorData)

    $details = @{}
    foreach ($property in $ErrorData.PSObject.Properties) { $details[$property.Name] = $property.Value }
    $target = $null
    foreach ($name in 'thumbprint', 'readerName', 'file', 'cardId') {
        if ($null -eq $target -and $details.ContainsKey($name)) { $target = $details[$name] }
    }
    $record = New-ErrorRecord -Id $details['id'] -Message $details['message'] -TargetObject $target
    foreach ($name in $details.Keys) {
        if ($name -notin 'id', 'message') { $record.Exception.Data[$name] = $details[$name] }
    }
    $record
}
