/** Puts certificates back out of the backup that was made before they were removed. Nothing is overwritten. */
import type { StoredCertificateBackup } from '../backup/backup.js';
import { exactStoreOf, type ExactStore, rightsHere } from '../backup/exact-store.js';
import { readCertificate, type CertificateInfo } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import { decodeElement } from '../store/serialized.js';
import type { StoreEntry } from '../store/store.js';
import type { OwnedStore } from './found-store.js';
import { noOriginFacts, originFacts, originOf } from './origin.js';
import { resultOf, withOutcome, type PropagationResult } from './result.js';
import { failed, settledStep, type PlannedStep, type StepOutcome } from './step.js';

/** What came out of one store, and goes back into it. */
export interface Restoration extends OwnedStore {
  /** The run's folder. */
  readonly backupPath: string;
  readonly certificates: readonly StoredCertificateBackup[];
}

/** Plans what is to be restored into a store. The steps hold nothing of the elements: a backup may be large. */
export async function* planRestoration(
  { certificates, ...place }: Restoration,
  signal: AbortSignal,
): AsyncGenerator<PlannedStep> {
  const store = exactStoreOf(place.store);
  for (const kept of certificates) {
    signal.throwIfAborted();
    yield await planOne(kept, store, place);
  }
}

/** A thumbprint that the backup doesn't hold. */
export function notInBackup(thumbprint: string, backupPath: string): PlannedStep {
  return settledStep(
    resultOf({
      ...{ thumbprint, info: null, store: '', profilePath: null, backupPath, planned: true },
      ...{ action: 'Skipped', reason: 'NotInBackup', ...noOriginFacts },
    }),
  );
}

async function planOne(
  kept: StoredCertificateBackup,
  store: ExactStore,
  place: Omit<Restoration, 'certificates'>,
): Promise<PlannedStep> {
  try {
    const element = await kept.readElement();
    const { certificate, properties } = decodeElement(element);
    const entry = { thumbprint: kept.thumbprint, certificate, properties };
    const restored = describe(entry, await readCertificate(certificate), place);
    const isThere = (await store.readExact(kept.thumbprint)) !== null;
    const preview = isThere ? withOutcome(restored, 'Skipped', 'AlreadyThere') : restored;
    return { preview, apply: () => applyRestoration({ ...preview, planned: false }, kept, store) };
  } catch (error) {
    if (error instanceof CertPropError) return cannotBeRestored(kept, place, error);
    throw error;
  }
}

function cannotBeRestored(
  { thumbprint }: StoredCertificateBackup,
  place: Omit<Restoration, 'certificates'>,
  error: CertPropError,
): PlannedStep {
  const entry = { thumbprint, properties: new Map() };
  const { result, ...outcome } = failed(describe(entry, null, place), error);
  return settledStep(result, outcome);
}

/** Keys first: when the certificate is there, all is. */
async function applyRestoration(
  result: PropagationResult,
  kept: StoredCertificateBackup,
  store: ExactStore,
): Promise<StepOutcome> {
  if (result.action === 'Skipped') return { result, error: null };
  try {
    const element = await kept.readElement();
    for (const { name, bytes, rights } of kept.keys)
      await store.keys?.createExact(name, bytes, rightsHere(rights));
    const outcome = await store.createExact(kept.fileName, element, rightsHere(kept.rights));
    const isRestored = outcome === 'Created';
    return { result: isRestored ? result : withOutcome(result, 'Skipped', 'AlreadyThere'), error: null };
  } catch (error) {
    if (error instanceof CertPropError) return failed(result, error);
    throw error;
  }
}

function describe(
  entry: Pick<StoreEntry, 'thumbprint' | 'properties'>,
  info: CertificateInfo | null,
  { store, owner, backupPath }: Omit<Restoration, 'certificates'>,
): PropagationResult {
  return resultOf({
    ...{ thumbprint: entry.thumbprint, info, store: store.name, profilePath: owner.profilePath, backupPath },
    ...{ action: 'Restored', reason: 'FromBackup', planned: true },
    ...originFacts(originOf(entry)),
  });
}
