/** Facts of a healthy set-up with one certificate on one card, and what a check says of changed ones. */
import assert from 'node:assert/strict';
import { baseCsp, encodeKeyLink, type KeyLink } from '../../engine/certificate/key-link.js';
import { seen, type Facts, type StoreFacts } from '../../engine/diagnosis/facts.js';
import { findingOf, type Check, type CheckStatus, type Finding } from '../../engine/diagnosis/finding.js';
import type { PolicyName } from '../../engine/policy/policies.js';
import type { GivenValue } from '../../engine/policy/policy.js';
import type { CertificateOnCard } from '../../engine/propagation/plan.js';
import type { StoredCertificate } from '../../engine/propagation/stored-certificate.js';
import { propertyId } from '../../engine/store/property-id.js';
import type { Properties } from '../../engine/store/store.js';
import { CertPropError, type ErrorDetails, type ErrorId } from '../../engine/errors.js';
import { onCard } from '../propagation/sample.js';

/** Of an RSA key, self-signed, for smart card logon of jane@corp.example; on a GIDS card in the reader Alpha 00. */
export const rsa = await onCard('user-rsa');
export const day = 24 * 60 * 60 * 1000;
export const container = rsa.file.container?.name ?? '';
export const rightLink: KeyLink = { container, provider: baseCsp, providerType: 1, flags: 0, keySpec: 1 };

export function linkedTo(changes: Partial<KeyLink> = {}): Properties {
  return new Map([[propertyId.keyProvInfo, encodeKeyLink({ ...rightLink, ...changes })]]);
}

export function stored(source: CertificateOnCard, properties: Properties = linkedTo()): StoredCertificate {
  const { info, file } = source;
  return { entry: { thumbprint: info.thumbprint, certificate: file.certificate, properties }, info };
}

export function storing(
  certificates: readonly StoredCertificate[],
  changes: Partial<StoreFacts> = {},
): Facts['store'] {
  return seen({
    name: 'My',
    keepsProperties: true,
    userName: 'jane',
    scope: 'User',
    certificates,
    corrupt: [],
    ...changes,
  });
}

export function onCards(...certificates: readonly CertificateOnCard[]): Facts['cards'] {
  return { certificates, counters: [], problems: [] };
}

export function policies(values: Partial<Record<PolicyName, GivenValue>> = {}): Facts['policies'] {
  const given = new Map(Object.entries(values) as [PolicyName, GivenValue][]);
  return seen({ place: { kind: 'Registry' }, given });
}

export function reader(
  status: 'Present' | 'Empty' | 'Mute' | 'Unavailable' = 'Present',
  readerName = 'Alpha 00',
) {
  const atr = status === 'Present' ? Uint8Array.of(0x3b, 0) : null;
  return { reader: { readerName, status, atr }, named: false } as const;
}

export function problem(id: ErrorId, details: ErrorDetails = {}): CertPropError {
  return new CertPropError(id, `${id} happened.`, details);
}

export const unreadable = { kind: 'Unreadable', error: problem('StoreAccessDenied') } as const;

export function facts(changes: Partial<Facts> = {}): Facts {
  const notHere = { kind: 'NotHere', why: 'Only Windows has this.' } as const;
  return {
    now: rsa.info.notBefore + day,
    readers: seen([reader()]),
    cards: onCards(rsa),
    store: storing([stored(rsa)]),
    authorities: seen([]),
    policies: policies(),
    ...{
      ntAuth: notHere,
      service: notHere,
      persistedCache: notHere,
      providers: notHere,
      redirection: notHere,
    },
    isRemoteSession: false,
    ...changes,
  };
}

export function findingsOf({ name, judge }: Check, changes: Partial<Facts> = {}): readonly Finding[] {
  return judge(facts(changes)).map((judgment) => findingOf(name, judgment));
}

/** The check's one finding, which has this status and fits the pattern; what is wrong has evidence and a remedy. */
export function finds(check: Check, changes: Partial<Facts>, status: CheckStatus, pattern: RegExp): Finding {
  const [finding, ...others] = findingsOf(check, changes);
  assert.ok(finding);
  assert.deepEqual(others, []);
  assert.equal(finding.name, check.name);
  assert.equal(finding.status, status, finding.finding);
  assert.match(finding.finding, pattern);
  const isWrong = status === 'Warning' || status === 'Failed';
  assert.equal(finding.remedy !== null, isWrong);
  if (isWrong) assert.notEqual(finding.evidence, '');
  return finding;
}
