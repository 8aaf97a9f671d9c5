/**
 * Enrollment requests: an entry without an issued certificate in the store Request, which keeps the request's key link and names until
 * the certificate comes. CertProp files such entries there, and finishes them as CertEnroll's InstallResponse does (Microsoft,
 * IX509Enrollment::InstallResponse): the certificate takes over what the entry keeps, and the entry goes.
 */
import { parseEnrollment, type Enrollment } from '../certificate/enrollment.js';
import { samePublicKey } from '../certificate/public-key.js';
import { readCertificate, type CertificateInfo } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import { propertyId } from '../store/property-id.js';
import type { CertificateStore, Properties, StoreEntry } from '../store/store.js';
import { visible } from '../text.js';
import { planStep, subjectOf, type Subject } from './apply.js';
import type { CertificateOnCard } from './certificate-on-card.js';
import { planLeftOut } from './left-out.js';
import { linkOf, originOf } from './origin.js';
import { markFor, type PropagationPolicy, type RequestHeritage } from './plan.js';
import { resultOf, withOutcome, type PropagationResult } from './result.js';
import { failed, type PlannedStep, type StepOutcome } from './step.js';
import { readableEntries, type StoredCertificate } from './stored-certificate.js';

/** A certificate with properties out of another store: a provider's, a folder's or a file's. */
export interface StoredContext {
  readonly certificate: Uint8Array;
  readonly info: CertificateInfo;
  readonly properties: Properties;
  /** The reader and card of the provider's store; null for stores that a person named. */
  readonly card: { readonly readerName: string; readonly cardId: string } | null;
}

/** The readable entries of a store Request. A store that can't be read has none: who writes to it is told. */
export async function pendingRequests(
  store: CertificateStore,
  signal: AbortSignal,
): Promise<readonly StoredCertificate[]> {
  const pending: StoredCertificate[] = [];
  try {
    const passOver = (): Promise<void> => Promise.resolve();
    const entries = readableEntries(store.entries(), store.name, passOver, signal, readCertificate);
    for await (const request of entries) pending.push(request);
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
  }
  return pending;
}

/** Authorities date certificates back, and clocks differ. */
const clockTolerance = 24 * 60 * 60 * 1000;

/**
 * The request that a certificate answers: one for the same key. A certificate that was there before the request was made, and is in the
 * store already, is what is to be renewed with its key, not the answer.
 */
export function requestFor(
  { info }: CertificateOnCard,
  existing: StoreEntry | null,
  pending: readonly StoredCertificate[],
): StoredCertificate | null {
  const { publicKey } = info;
  if (publicKey === null) return null;
  const answered = pending.find(
    ({ entry, info: request }) =>
      entry.thumbprint !== info.thumbprint &&
      request.publicKey !== null &&
      samePublicKey(request.publicKey, publicKey) &&
      (existing === null || info.notBefore + clockTolerance >= request.notBefore),
  );
  return answered ?? null;
}

export function heritageOf({ entry }: StoredCertificate): RequestHeritage {
  const origin = originOf(entry);
  return {
    link: origin.kind === 'SmartCard' ? origin.link : null,
    friendlyName: entry.properties.get(propertyId.friendlyName) ?? null,
  };
}

/** Removes a request's entry once the certificate that answers it is safely stored. */
export function planCompletion(
  { entry, info }: StoredCertificate,
  answer: CertificateOnCard,
  stores: { readonly personal: CertificateStore; readonly request: CertificateStore },
): PlannedStep {
  const { readerName, cardId, container } = subjectOf(answer);
  const preview = resultOf({
    ...{ thumbprint: entry.thumbprint, info, store: stores.request.name, planned: true },
    ...{ action: 'Removed', reason: 'RequestCompleted', provider: null, container, readerName, cardId },
    detail: `The certificate ${answer.info.thumbprint} answers this request${enrollmentText(entry.properties)}.`,
  });
  return { preview, apply: () => complete({ ...preview, planned: false }, answer, stores) };
}

async function complete(
  result: PropagationResult,
  { info }: CertificateOnCard,
  { personal, request }: { readonly personal: CertificateStore; readonly request: CertificateStore },
): Promise<StepOutcome> {
  try {
    if ((await personal.find(info.thumbprint)) === null)
      return { result: withOutcome(result, 'Skipped', 'ChangedMeanwhile'), error: null };
    if (await request.remove(result.thumbprint, () => true)) return { result, error: null };
    return { result: withOutcome(result, 'Skipped', 'NotFound'), error: null };
  } catch (error) {
    if (error instanceof CertPropError) return failed(result, error);
    throw error;
  }
}

/** Files a request in the store Request with all its properties; what is no request is left out. */
export async function planFiling(
  context: StoredContext,
  request: CertificateStore,
  policy: Pick<PropagationPolicy, 'version' | 'now'>,
): Promise<PlannedStep> {
  const subject = subjectIn(context);
  if (!context.properties.has(propertyId.enrollment))
    return planLeftOut(subject, request.name, { reason: 'NotARequest' });
  const properties = filedProperties(context, policy);
  const detail = `It is a request without a certificate${enrollmentText(context.properties)} and goes to the store ${request.name}.`;
  return planStep(subject, request, (existing) => ({
    subject,
    outcome:
      existing === null
        ? { action: 'Filed', reason: 'EnrollmentRequest', link: null, properties, detail }
        : { action: 'Unchanged', reason: 'AlreadyInStore', link: null },
  }));
}

function filedProperties(
  { properties, card }: StoredContext,
  policy: Pick<PropagationPolicy, 'version' | 'now'>,
): Properties {
  if (card === null || properties.has(propertyId.description)) return properties;
  return new Map([...properties, [propertyId.description, markFor(card, policy)]]);
}

function subjectIn({ certificate, info, card, ...context }: StoredContext): Subject {
  const link = linkOf(originOf({ properties: context.properties }));
  return {
    ...{ certificate, info, container: link?.container ?? null },
    ...{ readerName: card?.readerName ?? null, cardId: card?.cardId ?? null },
  };
}

/** ` (number 17 at ca.example.com\\Example CA, "Smart card")`; nothing for a request whose property says nothing. */
function enrollmentText(properties: Properties): string {
  const property = properties.get(propertyId.enrollment);
  const enrollment = property === undefined ? null : parseEnrollment(property);
  return enrollment === null ? '' : ` (${describeEnrollment(enrollment)})`;
}

function describeEnrollment({ requestId, caDnsName, caName, friendlyName }: Enrollment): string {
  const name = friendlyName === '' ? '' : `, "${visible(friendlyName)}"`;
  return `number ${requestId} at ${visible(caDnsName)}\\${visible(caName)}${name}`;
}
