/** Gathers the facts of a diagnosis: each card is read once, silently, and nothing is changed. */
import type { CardApplication } from '../card/application.js';
import { isObjectError } from '../card/object-error.js';
import type {
  CardCounters,
  Facts,
  MeantReader,
  Redirection,
  Seen,
  StoredAuthority,
} from '../diagnosis/facts.js';
import { notHere, seen } from '../diagnosis/facts.js';
import { parseRdpFile } from '../diagnosis/rdp-file.js';
import { CertPropError } from '../errors.js';
import { unavailable } from '../machine/rdp-file.js';
import type { CertificateOnCard } from '../propagation/plan.js';
import type { OpenedApplication } from '../propagation/read-cards.js';
import { selectReaders } from '../propagation/readers.js';
import { CollectedProblems } from './collected-problems.js';
import type { Parameters } from './contract.js';
import { gather } from './gather.js';
import type { RequestContext } from './handler.js';
import { readAuthorities, readStore } from './store-facts.js';
import type { World } from './world.js';

type Wanted = Parameters<'propagation/test'>;

const onlyWindows = 'Only Windows has this.';

/** @throws CertPropError RdpFileUnavailable; the signal's reason */
export async function gatherFacts(world: World, wanted: Wanted, context: RequestContext): Promise<Facts> {
  const { signal } = context;
  const out = new CollectedProblems(context);
  const isRemoteSession = await world.isRemoteSession();
  const redirection = await readRedirection(world, wanted.rdpFile, isRemoteSession);
  const readers = await tried(
    async () => meantReaders(await world.readers.list(), wanted),
    someMeant(wanted),
  );
  const { certificates, counters } = await readCards(world, wanted, readers, out, signal);
  const { machine } = world;
  await out.sent();
  return {
    now: world.now(),
    ...{ readers, isRemoteSession, redirection },
    cards: {
      certificates: inOrder(certificates, ({ card }) => card.readerName),
      counters: inOrder(counters, ({ readerName }) => readerName),
      problems: inOrder(out.problems, ({ details }) => details.readerName ?? ''),
    },
    store: await tried(() => readStore(world, wanted, signal)),
    authorities: await tried(() => readAuthorities(world, wanted.storePlace), authoritiesOf(wanted)),
    ntAuth: machine === null ? notHere(onlyWindows) : await tried(() => machine.ntAuth(), nonEmpty),
    policies: await tried(() => world.policies.read()),
    service: machine === null ? notHere(onlyWindows) : await tried(() => machine.service('CertPropSvc')),
    persistedCache: await readPersistedCache(world),
    providers: world.keyProviders === null ? notHere(onlyWindows) : seen(true),
  };
}

function meantReaders(
  present: Awaited<ReturnType<World['readers']['list']>>,
  { readers }: Wanted,
): readonly MeantReader[] {
  return selectReaders(present, readers).selected;
}

/** A name that no reader has was told already. */
function someMeant({ readers }: Wanted): (meant: readonly MeantReader[]) => Facts['readers'] {
  return (meant) =>
    meant.length === 0 && readers !== null ? notHere('No reader has a name like this.') : seen(meant);
}

/** By their readers' names: cards are read side by side, and each time another one is done first. */
function inOrder<T>(items: readonly T[], readerOf: (item: T) => string): readonly T[] {
  return items.toSorted((a, b) => (readerOf(a) < readerOf(b) ? -1 : readerOf(a) > readerOf(b) ? 1 : 0));
}

interface CardsRead {
  readonly certificates: readonly CertificateOnCard[];
  readonly counters: readonly CardCounters[];
}

/** Without the smart card service a PKCS #11 module may give certificates all the same. */
async function readCards(
  world: World,
  { readers, pkcs11Module, trace }: Wanted,
  present: Seen<unknown>,
  out: CollectedProblems,
  signal: AbortSignal,
): Promise<CardsRead> {
  const certificates: CertificateOnCard[] = [];
  const counters = new Map<string, CardCounters>();
  const opened: OpenedApplication = async ({ readerName }, application) => {
    const found = await countersOf(application);
    if (found !== null) counters.set(readerName, { readerName, cardId: application.cardId, counters: found });
  };
  const wanted = {
    ...{ readers, targets: null, thumbprints: null, pkcs11Module, trace, links: true },
    contents: { files: 'All', keys: true, allSlots: false, opened },
  } as const;
  try {
    await gather(world, wanted, out, (certificate) => certificates.push(certificate), signal);
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    if (present.kind === 'Seen') out.problems.push(error);
  }
  return { certificates, counters: [...counters.values()] };
}

async function countersOf(application: CardApplication): Promise<CardCounters['counters'] | null> {
  try {
    return (await application.counters?.()) ?? null;
  } catch (error) {
    if (isObjectError(error)) return error;
    throw error;
  }
}

async function readRedirection(
  { readRdpFile, defaultRdpFile }: World,
  given: string | null,
  isRemoteSession: boolean,
): Promise<Seen<Redirection>> {
  if (given !== null) {
    const bytes = await readRdpFile(given);
    if (bytes === null) throw unavailable(given, 'there is no such file');
    return seen({ path: given, given: true, file: parseRdpFile(bytes) });
  }
  const path = isRemoteSession ? null : defaultRdpFile();
  if (path === null) return notHere('No Remote Desktop file was given: -RdpFile names one.');
  return tried(
    () => readRdpFile(path),
    (bytes) =>
      bytes === null
        ? notHere(
            `There is no ${path}: Remote Desktop was not used, and would redirect smart cards by default.`,
          )
        : seen({ path, given: false, file: parseRdpFile(bytes) }),
  );
}

/** What is kept on disk counts only as long as nothing newer is in memory. */
async function readPersistedCache({ machine }: World): Promise<Facts['persistedCache']> {
  if (machine === null) return notHere(onlyWindows);
  return tried(
    async () => ((await machine.service('SCardSvr')).state === running ? null : machine.persistedCache()),
    (cache) =>
      cache === null
        ? notHere(
            'The smart card service runs: what it keeps of cards is in its memory, and only Get-CardCacheItem sees it.',
          )
        : seen(cache),
  );
}

/** winsvc.h, SERVICE_RUNNING. */
const running = 4;

/** A folder may be that of one user alone, which says nothing of the roots that a machine trusts. */
function authoritiesOf({
  storePlace,
}: Wanted): (authorities: readonly StoredAuthority[]) => Facts['authorities'] {
  return (authorities) =>
    storePlace.kind === 'Folder' && authorities.length === 0
      ? notHere(
          'The folder of stores holds no certificates of authorities: which roots are trusted is not to be seen there.',
        )
      : seen(authorities);
}

function nonEmpty(authorities: ReadonlySet<string>): Facts['ntAuth'] {
  return authorities.size === 0
    ? notHere(
        'This machine has no certificates in NTAuth: it is in no domain, or group policy has not come yet.',
      )
    : seen(authorities);
}

function tried<T>(look: () => Promise<T>): Promise<Seen<T>>;
function tried<T, U>(look: () => Promise<T>, found: (value: T) => Seen<U>): Promise<Seen<U>>;
async function tried<T>(look: () => Promise<T>, found: (value: T) => Seen<T> = seen): Promise<Seen<T>> {
  try {
    return found(await look());
  } catch (error) {
    if (error instanceof CertPropError) return { kind: 'Unreadable', error };
    throw error;
  }
}
