/**
 * The certificates that the checks are about. Each set is within the one before it, so that of several things that are wrong with a
 * certificate the first one alone is named.
 */
import type { KeyLink } from '../certificate/key-link.js';
import type { CertificateOnCard } from '../propagation/certificate-on-card.js';
import { hasKey } from '../propagation/links.js';
import { originOf, type Origin } from '../propagation/origin.js';
import { placementOf, type PlacementPolicy } from '../propagation/placement.js';
import { groupByThumbprint } from '../propagation/plan.js';
import type { StoredCertificate } from '../propagation/stored-certificate.js';
import { propertyId } from '../store/property-id.js';
import type { Facts, StoreFacts } from './facts.js';
import type { Evidence, Repair } from './finding.js';

export interface StoredOnCard {
  readonly source: CertificateOnCard;
  readonly stored: StoredCertificate;
  readonly origin: Origin;
}

export interface LinkedOnCard extends StoredOnCard {
  readonly link: KeyLink;
}

/** Those that belong into a Personal store, each once: where its key is, if it is in several places. */
export function personal({ cards }: Facts): readonly CertificateOnCard[] {
  return eachOnce(cards.certificates.filter(isPersonal));
}

/** Those too of authorities in the container of a key: without that key they would count as somebody else's, whose key is not there. */
export function ofKeys({ cards }: Facts): readonly CertificateOnCard[] {
  return eachOnce(
    cards.certificates.filter(
      (source) => isPersonal(source) || (source.file.key !== 'None' && !source.file.isRoot),
    ),
  );
}

function eachOnce(certificates: readonly CertificateOnCard[]): readonly CertificateOnCard[] {
  return groupByThumbprint(certificates).map((sources) => sources.find(hasKey) ?? sources[0]);
}

/** Whose key is in their container, as far as the card says. */
export function withKey(facts: Facts): readonly CertificateOnCard[] {
  return personal(facts).filter(hasKey);
}

/** Archived ones too. */
export function inStore(facts: Facts): readonly StoredOnCard[] {
  const certificates = new Map(
    storedIn(facts).map((stored): [string, StoredCertificate] => [stored.entry.thumbprint, stored]),
  );
  return withKey(facts).flatMap((source) => {
    const stored = certificates.get(source.info.thumbprint);
    return stored === undefined ? [] : [{ source, stored, origin: originOf(stored.entry) }];
  });
}

export function notArchived(facts: Facts): readonly StoredOnCard[] {
  return inStore(facts).filter(({ stored }) => !isArchived(stored));
}

/** Whose link to a key can be read. */
export function linked(facts: Facts): readonly LinkedOnCard[] {
  return notArchived(facts).flatMap((certificate) =>
    'link' in certificate.origin ? [{ ...certificate, link: certificate.origin.link }] : [],
  );
}

/** All of the store that can be read; none where it can't. */
export function storedIn({ store }: Pick<Facts, 'store'>): readonly StoredCertificate[] {
  return store.kind === 'Seen' ? store.value.certificates : [];
}

/** Null for a store that can't hold links. */
export function linkingStore({ store }: Pick<Facts, 'store'>): StoreFacts | null {
  return store.kind === 'Seen' && store.value.keepsProperties ? store.value : null;
}

/** CERT_ARCHIVED_PROP_ID: hidden from programs that don't ask for such certificates. */
export function isArchived({ entry }: StoredCertificate): boolean {
  return entry.properties.has(propertyId.archived);
}

export function evidenceOf({ card, info, file }: CertificateOnCard): Evidence {
  return {
    reader: card.readerName,
    card: card.cardId,
    file: file.fileName,
    thumbprint: info.thumbprint,
    subject: info.subject,
  };
}

/** For a sentence: whose certificate it is, and in which reader. */
export function named({ card, info }: CertificateOnCard): string {
  return `The certificate ${info.thumbprint} (${info.subject}) of the card in the reader "${card.readerName}"`;
}

export function repairOf({ card, info }: CertificateOnCard): Repair {
  return { readerName: card.readerName, thumbprint: info.thumbprint };
}

const everything: PlacementPolicy = {
  scope: 'Any',
  includeIntermediate: false,
  authorityObstacle: null,
  rootObstacle: null,
};

function isPersonal(source: CertificateOnCard): boolean {
  return placementOf(source, everything).destination === 'Personal' && !source.file.isRoot;
}
