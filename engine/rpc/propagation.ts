/** Plans the propagation of what is on the cards, for one request or one event. */
import { readCertificate, readCertificateOrNull } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import { subjectOf } from '../propagation/apply.js';
import { planLeftOut, type LeftOut } from '../propagation/left-out.js';
import { groupByThumbprint, type CertificateOnCard, type Sources } from '../propagation/plan.js';
import { planPropagation, type WholePolicy } from '../propagation/propagate.js';
import type { StoredContext } from '../propagation/requests.js';
import type { PlannedStep } from '../propagation/step.js';
import { readableEntries } from '../propagation/stored-certificate.js';
import type { ProviderCertificate } from '../provider/provider.js';
import type { StorePlace } from '../store/place.js';
import { propertyId } from '../store/property-id.js';
import { visible } from '../text.js';
import type { CardTarget, Parameters } from './contract.js';
import type { EventQueue } from './events.js';
import { gather } from './gather.js';
import { forbiddenByPolicy } from './permission.js';
import { openStores } from './stores.js';
import type { World } from './world.js';

/** Which cards are meant. */
export interface CardSelection {
  readonly readers: readonly string[] | null;
  readonly targets: readonly CardTarget[] | null;
}

export type PropagationOptions = Omit<Parameters<'propagation/plan'>, 'progressToken' | keyof CardSelection>;

/**
 * Policy and stores are asked before any card: what forbids everything spares opening the stores, which might create them.
 * @param told the warnings that were given already, by their ids
 */
export async function* planCards(
  world: World,
  selection: CardSelection,
  options: PropagationOptions,
  out: EventQueue,
  signal: AbortSignal,
  told = new Set<string>(),
): AsyncGenerator<PlannedStep> {
  const forbidden = await forbiddenByPolicy(world, options.ignorePolicy, out);
  const leftOut = await obstacleToAll(world, options, forbidden.everything);
  if (leftOut !== null) {
    const { found } = await gatherCards(world, selection, options, out, signal);
    for (const [source] of groupByThumbprint(found))
      yield planLeftOut(subjectOf(source), options.storeName, leftOut);
    return;
  }
  const stores = await openStores(world, options.storePlace, options.storeName);
  const contexts = await readContexts(world, options.sourcePaths ?? [], out, signal);
  const { found, requests } = await gatherCards(world, selection, options, out, signal);
  if (options.keyContainer !== null) requireOneUnnamedKey(groupByThumbprint(found), options.keyContainer);
  const policy = wholePolicy(world, options, forbidden.roots);
  yield* withOneWarning(
    planPropagation(found, [...requests, ...contexts], stores, policy, signal),
    out,
    told,
  );
}

async function obstacleToAll(
  world: World,
  { includeRemote }: PropagationOptions,
  forbidden: string | null,
): Promise<LeftOut | null> {
  if (forbidden !== null) return { reason: 'PolicyDisabled', detail: forbidden };
  return !includeRemote && (await world.isRemoteSession()) ? { reason: 'RemoteSession' } : null;
}

function wholePolicy(
  { version, now }: World,
  options: PropagationOptions,
  rootsForbidden: string | null,
): WholePolicy {
  const { keyProvider, keyContainer, allowUnlinked, includeIntermediate, scope, storePlace } = options;
  return {
    ...{ keyProvider, keyContainer, allowUnlinked, includeIntermediate, version, now: now() },
    scope: scope ?? (isMachines(storePlace) ? 'Computer' : 'User'),
    authorityObstacle: storePlace.kind === 'DotNet' ? { reason: 'RootCertificate' } : null,
    rootObstacle: rootsForbidden === null ? null : { reason: 'PolicyDisabled', detail: rootsForbidden },
  };
}

function isMachines(place: StorePlace): boolean {
  return place.kind !== 'Folder' && place.location === 'LocalMachine';
}

async function gatherCards(
  world: World,
  { readers, targets }: CardSelection,
  { allSlots, pkcs11Module, trace }: PropagationOptions,
  out: EventQueue,
  signal: AbortSignal,
): Promise<{ readonly found: readonly CertificateOnCard[]; readonly requests: readonly StoredContext[] }> {
  const found: CertificateOnCard[] = [];
  const stored: ProviderCertificate[] = [];
  await gather(
    world,
    {
      ...{ readers, targets, thumbprints: null, pkcs11Module, trace },
      links: true,
      contents: { files: 'All', keys: true, allSlots },
    },
    out,
    (certificate) => found.push(certificate),
    signal,
    (certificate) => stored.push(certificate),
  );
  return { found, requests: await requestsAmong(stored, found) };
}

/** Files on a card carry no properties: only the providers say what is a request. */
async function requestsAmong(
  stored: readonly ProviderCertificate[],
  found: readonly CertificateOnCard[],
): Promise<readonly StoredContext[]> {
  const requests = new Map<string, StoredContext>();
  for (const { certificate, properties, readerName } of stored) {
    if (!properties.has(propertyId.enrollment)) continue;
    const info = await readCertificateOrNull(certificate);
    if (info === null) continue;
    const card = found.find((source) => source.card.readerName === readerName)?.card ?? null;
    if (!requests.has(info.thumbprint))
      requests.set(info.thumbprint, { certificate, properties, info, card });
  }
  return [...requests.values()];
}

/** What the stores hold that a person named as sources. */
async function readContexts(
  world: World,
  paths: readonly string[],
  out: EventQueue,
  signal: AbortSignal,
): Promise<readonly StoredContext[]> {
  const contexts: StoredContext[] = [];
  const unreadable = (error: CertPropError): Promise<void> => {
    out.problem(error, 'warning');
    return out.sent();
  };
  for (const path of paths) {
    const entries = readableEntries(
      world.entriesIn(path),
      visible(path),
      unreadable,
      signal,
      readCertificate,
    );
    for await (const { entry, info } of entries) {
      contexts.push({ certificate: entry.certificate, properties: entry.properties, info, card: null });
    }
  }
  return contexts;
}

/** Missing rights on the machine's store are told once, however many roots there are. */
async function* withOneWarning(
  steps: AsyncGenerator<PlannedStep>,
  out: EventQueue,
  told: Set<string>,
): AsyncGenerator<PlannedStep> {
  for await (const step of steps) {
    if (step.preview.reason === 'NoRights' && !told.has('StoreAccessDenied')) {
      told.add('StoreAccessDenied');
      out.problem(
        new CertPropError('StoreAccessDenied', `Roots were left out. ${step.preview.detail}`),
        'warning',
      );
    }
    yield step;
  }
}

function isUnnamed({ file, links }: CertificateOnCard): boolean {
  return file.key === 'Unnamed' && (links ?? []).length === 0;
}

/** One name can't be that of several keys. */
function requireOneUnnamedKey(groups: readonly Sources[], keyContainer: string): void {
  const unnamed = groups.filter((sources) => sources.every(isUnnamed));
  if (unnamed.length <= 1) return;
  throw new CertPropError(
    'KeyContainerAmbiguous',
    `-KeyContainer names one key, "${visible(keyContainer)}", but ${unnamed.length} certificates would be linked to it. Choose one, with -Thumbprint or by piping it.`,
  );
}
