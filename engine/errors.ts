/**
 * The errors a user can meet, each with a stable identifier (PowerShell's FullyQualifiedErrorId starts with it).
 * Identifiers are part of the public interface: never rename one.
 */
export type ErrorId =
  // PC/SC and readers
  | 'PcscUnavailable'
  | 'PcscFailure'
  | 'ReaderNotFound'
  | 'ReaderUnavailable'
  | 'ReaderBusy'
  | 'NoCard'
  | 'CardRemoved'
  | 'CardReset'
  | 'CardMute'
  // cards
  | 'UnknownCard'
  | 'CardChanged'
  | 'CardCommandFailed'
  | 'CardObjectNotFound'
  | 'MalformedCardData'
  | 'WrongPin'
  | 'PinBlocked'
  | 'PinLastTry'
  | 'PinInvalid'
  | 'CounterNotIncreased'
  | 'CounterNotWritten'
  | 'CardWithoutCounters'
  // writing certificates to cards
  | 'CardNotWritable'
  | 'CardFull'
  | 'CardWriteFailed'
  | 'KeyNotOnCard'
  | 'ContainerNotFound'
  | 'KeySpecMismatch'
  | 'NoRoot'
  | 'PinRequired'
  | 'ManagementKeyRequired'
  | 'ManagementKeyInvalid'
  | 'ManagementKeyNotTrusted'
  | 'WrongManagementKey'
  // PKCS #11 modules
  | 'Pkcs11ModuleNotFound'
  | 'Pkcs11ModuleNotTrusted'
  | 'Pkcs11ModuleFailed'
  | 'Pkcs11ModuleTimeout'
  | 'Pkcs11TokenFailed'
  | 'ConfigurationInvalid'
  | 'ConfigurationNotTrusted'
  // Windows' key providers
  | 'KeyProviderFailed'
  | 'KeyProviderTimeout'
  | 'CachedCertificateDiffers'
  | 'KeyContainerUnknown'
  // Windows' cache of cards
  | 'CacheUnavailable'
  // certificates
  | 'MalformedCertificate'
  | 'CertificateFileUnreadable'
  | 'PrivateKeyInFile'
  | 'CertificateNotOnCard'
  // stores
  | 'StorePathRequired'
  | 'StoreNameInvalid'
  | 'StoreNotFound'
  | 'StoreUnavailable'
  | 'StoreAccessDenied'
  | 'StoreLocked'
  | 'MalformedStoreElement'
  | 'CertificateExists'
  | 'PrivateKeyInStore'
  | 'DotNetUnavailable'
  // users' profile folders
  | 'ProfilesUnavailable'
  | 'ProfileNotFound'
  | 'ProfileSkipped'
  | 'LinkInProfile'
  | 'RoamingProfile'
  | 'ReadersNotVisible'
  // backups of what is removed
  | 'BackupNotTrusted'
  | 'BackupFailed'
  | 'BackupNotFound'
  | 'BackupDamaged'
  | 'BackupAmbiguous'
  | 'BackupPlaceNotGiven'
  // policies
  | 'PolicyNotReadable'
  | 'PolicyInvalid'
  | 'PolicyValueUnknown'
  | 'PolicyOverridden'
  | 'ElevationRequired'
  // diagnosis
  | 'RdpFileUnavailable'
  | 'MachineNotReadable'
  // requests
  | 'ReadersNotReadable'
  | 'KeyContainerAmbiguous'
  | 'PlanNotFound'
  | 'MessageTooLarge'
  | 'InternalError';

/** What an error is about; every field that is known is given. */
export interface ErrorDetails {
  readonly readerName?: string;
  readonly cardId?: string;
  /** Upper-case hex. */
  readonly atr?: string;
  /** SHA-1 thumbprint, upper-case hex. */
  readonly thumbprint?: string;
  readonly file?: string;
  /** ISO 7816-4 status word, 0 to 0xFFFF. */
  readonly statusWord?: number;
  /** Windows or PC/SC return code as an unsigned 32-bit number. */
  readonly hresult?: number;
  readonly triesLeft?: number;
}

/** An expected failure, worded for a person: what happened, to what, and what to do about it. */
export class CertPropError extends Error {
  override readonly name = 'CertPropError';
  readonly id: ErrorId;
  readonly details: ErrorDetails;

  constructor(id: ErrorId, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.id = id;
    this.details = details;
  }

  /** The same error, with what an outer layer knows besides (an inner layer's detail wins). */
  with(details: ErrorDetails): CertPropError {
    return new CertPropError(this.id, this.message, { ...details, ...this.details }, { cause: this });
  }
}
