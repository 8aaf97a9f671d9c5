/** Decisions and removals as the objects that users see. */
import type { CertificateOutline } from '../certificate/outline.js';
import { visibleOrNull } from '../text.js';

export type PropagationAction =
  'Added' | 'Replaced' | 'Unchanged' | 'Filed' | 'Skipped' | 'Removed' | 'Restored';

/** Why an action was chosen; part of the public interface. */
export type PropagationReason =
  // Added, Replaced, Unchanged
  | 'NotInStore'
  | 'NoContainerName'
  | 'StoredUnlinked'
  | 'StoreKeepsNoLink'
  | 'AlreadyInStore'
  | 'KeyLinkMissing'
  | 'KeyLinkStale'
  // Added or Replaced; of the request's own entry: Removed
  | 'RequestCompleted'
  // Filed
  | 'EnrollmentRequest'
  // Skipped by propagation
  | 'PolicyDisabled'
  | 'RemoteSession'
  | 'RootCertificate'
  | 'NotARoot'
  | 'IntermediateCertificate'
  | 'NoRights'
  | 'ComputerCertificate'
  | 'UserCertificate'
  | 'NotARequest'
  | 'NoKeyOnCard'
  | 'KeyMismatch'
  | 'ProviderUnsuitable'
  | 'SoftwareKeyLink'
  | 'CorruptEntry'
  // Removed
  | 'Mark'
  | 'SmartCardKeyLink'
  | 'NamedByThumbprint'
  // Skipped by removal
  | 'NoEvidence'
  | 'NotFound'
  // Restored
  | 'FromBackup'
  // Skipped by restoration
  | 'AlreadyThere'
  | 'NotInBackup'
  // either: the card or the store changed after the plan was made, or the entry could not be written
  | 'ChangedMeanwhile'
  | 'Failed';

/** CertProp.PropagationResult. All text is safe to show. */
export interface PropagationResult {
  readonly thumbprint: string;
  readonly subject: string | null;
  readonly serialNumber: string | null;
  readonly store: string;
  /** The profile in which the store lies; null for a store that was named by itself. */
  readonly profilePath: string | null;
  readonly action: PropagationAction;
  readonly reason: PropagationReason;
  readonly detail: string;
  readonly planned: boolean;
  readonly provider: string | null;
  readonly container: string | null;
  readonly readerName: string | null;
  readonly cardId: string | null;
  /** The folder of the run in which the backup of what was removed lies, or out of which it was restored. */
  readonly backupPath: string | null;
}

/** A result without its sentence; text is outside text still. */
export interface ResultFacts {
  readonly thumbprint: string;
  readonly info: Pick<CertificateOutline, 'subject' | 'serialNumber'> | null;
  readonly store: string;
  readonly profilePath?: string | null;
  readonly action: PropagationAction;
  readonly reason: PropagationReason;
  /** What there is to say instead of the reason's own sentence; safe to show. */
  readonly detail?: string | undefined;
  readonly planned: boolean;
  readonly provider: string | null;
  readonly container: string | null;
  readonly readerName: string | null;
  readonly cardId: string | null;
  readonly backupPath?: string;
}

export function resultOf(facts: ResultFacts): PropagationResult {
  const { info, provider, container, readerName, cardId } = facts;
  return {
    thumbprint: facts.thumbprint,
    subject: visibleOrNull(info?.subject ?? null),
    serialNumber: info?.serialNumber ?? null,
    store: facts.store,
    profilePath: visibleOrNull(facts.profilePath ?? null),
    action: facts.action,
    reason: facts.reason,
    detail: facts.detail ?? details[facts.reason],
    planned: facts.planned,
    provider: visibleOrNull(provider),
    container: visibleOrNull(container),
    readerName: visibleOrNull(readerName),
    cardId: visibleOrNull(cardId),
    backupPath: visibleOrNull(facts.backupPath ?? null),
  };
}

/** What became of it instead. */
export function withOutcome(
  result: PropagationResult,
  action: PropagationAction,
  reason: PropagationReason,
): PropagationResult {
  return { ...result, action, reason, detail: details[reason] };
}

const details: Readonly<Record<PropagationReason, string>> = {
  NotInStore: 'The certificate is on the card and not in the store.',
  NoContainerName:
    'The certificate is on the card and not in the store. It is stored without a key link, because this card names no container; give its name with -KeyContainer.',
  StoredUnlinked:
    'The certificate is on the card and not in the store. It is stored without a key link, as -AllowUnlinked says: its key is not in its container on the card.',
  StoreKeepsNoLink:
    'The certificate is on the card and not in the store. This store keeps certificates only: neither a key link nor a mark is stored.',
  AlreadyInStore: 'The certificate is in the store.',
  KeyLinkMissing: 'The stored certificate had no link to its private key.',
  KeyLinkStale: 'The stored certificate was linked to another container, key spec or provider.',
  RequestCompleted:
    "The certificate answers a request in the store Request: it took over the request's key link and friendly name.",
  EnrollmentRequest: 'It is a request without a certificate and goes to the store Request.',
  PolicyDisabled: 'Policy turns certificate propagation off.',
  RemoteSession:
    'This is a remote session: what is propagated here stays behind in this profile. -IncludeRemote propagates it all the same.',
  RootCertificate: 'These stores have no place for the root certificates of smart cards.',
  NotARoot:
    "It is among the card's roots, but no self-signed certificate of a certification authority with a valid signature.",
  IntermediateCertificate:
    'It belongs to an intermediate certification authority; -IncludeIntermediate puts it into the store CA.',
  NoRights:
    "Only administrators may change the machine's store of smart card roots. Run it elevated, or let a task of SYSTEM do it.",
  ComputerCertificate: "It is a computer's certificate and this is a user's store; -Scope decides otherwise.",
  UserCertificate: "It is a user's certificate and this is a computer's store; -Scope decides otherwise.",
  NotARequest: 'It is no enrollment request: of other stores only these are taken.',
  NoKeyOnCard: "The card's container map names no key for this certificate.",
  KeyMismatch: "The certificate's public key is not the key in its container on the card.",
  ProviderUnsuitable: 'The Base CSP holds RSA keys only; use -KeyProvider KSP or Auto.',
  SoftwareKeyLink: 'The stored certificate is linked to a key outside smart cards.',
  CorruptEntry:
    "The store's entry of this certificate is corrupt and was left alone. Delete its file and propagate again.",
  Mark: "CertProp's mark says that the certificate came from a card.",
  SmartCardKeyLink: 'The certificate is linked to a key on a smart card.',
  NamedByThumbprint: 'The certificate was named by its thumbprint.',
  NoEvidence:
    'Nothing shows that the certificate came from a card; name it with -Thumbprint to remove it all the same.',
  NotFound: 'The certificate is not in the store.',
  FromBackup: 'The certificate was removed, and is in the backup.',
  AlreadyThere: 'A certificate with this thumbprint is in the store; nothing is overwritten.',
  NotInBackup: 'The backup does not hold the certificate.',
  ChangedMeanwhile: 'The stored certificate was changed by another program in the meantime.',
  Failed: 'The store could not be changed.',
};
