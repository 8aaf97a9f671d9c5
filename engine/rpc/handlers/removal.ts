import type { Backup, BackupPlace } from '../../backup/backup.js';
import { storeBackupPlace } from '../../backup/place.js';
import { CertPropError } from '../../errors.js';
import { storeOfNobody } from '../../propagation/found-store.js';
import { authorityStores } from '../../propagation/propagate.js';
import { planRemoval, type KeptIn, type StoreToClear } from '../../propagation/removal.js';
import type { PlannedStep } from '../../propagation/step.js';
import type { Backups } from '../backups.js';
import type { Parameters, StoresPlace } from '../contract.js';
import { EventQueue } from '../events.js';
import type { RequestContext } from '../handler.js';
import { streamPreviews } from '../previews.js';
import { selectionOf } from '../selection.js';
import { seeCards } from '../session-cards.js';
import { isOnePlace, storesIn, storeSources, type StoreSource } from '../store-sources.js';
import { authorityPlace } from '../stores.js';
import type { World } from '../world.js';

/** Plans the removal of what is selected in the stores; streams each step's preview. */
export async function planSelected(
  world: World,
  backups: Backups,
  parameters: Parameters<'removal/plan'>,
  context: RequestContext,
): Promise<readonly PlannedStep[]> {
  const { signal } = context;
  const { named, roots, pkcs11Module, trace } = parameters;
  const out = new EventQueue(context);
  const backup = parameters.backup === null ? null : await backups.of(parameters.backup);
  const stores = await meantStores(world, backup, parameters, out, signal);
  const reading = { pkcs11Module, trace, files: roots ? 'All' : 'Certificates', keys: false } as const;
  const selection = await selectionOf(world, parameters, (readers) =>
    seeCards(world, readers, reading, out, signal),
  );
  return streamPreviews(planRemoval(stores, { selection, named }, out.warnAndWait, signal), out);
}

async function meantStores(
  world: World,
  backup: Backup | null,
  parameters: Parameters<'removal/plan'>,
  out: EventQueue,
  signal: AbortSignal,
): Promise<AsyncIterable<StoreToClear> | Iterable<StoreToClear>> {
  if (parameters.roots) return [await rootStore(world, backup, parameters.storePlace)];
  const sources = await storeSources(world, parameters, out, signal);
  return storesToClear(sources, backup, parameters.storeNames);
}

async function* storesToClear(
  sources: AsyncIterable<StoreSource> | Iterable<StoreSource>,
  backup: Backup | null,
  storeNames: readonly string[],
): AsyncGenerator<StoreToClear> {
  for await (const source of sources) {
    for await (const { backupPlace, ...found } of storesIn(source, storeNames))
      yield { ...found, keptIn: keptAs(backup, backupPlace) };
  }
}

async function rootStore(
  world: World,
  backup: Backup | null,
  storePlace: StoresPlace,
): Promise<StoreToClear> {
  const place = isOnePlace(storePlace) ? authorityPlace(storePlace, 'Root') : null;
  if (place === null) throw noRootStore();
  const store = await world.openStore(place, authorityStores.Root);
  return { ...storeOfNobody(store), keptIn: keptAs(backup, storeBackupPlace(place)) };
}

function keptAs(backup: Backup | null, place: BackupPlace): KeptIn | null {
  return backup === null ? null : { backup, place };
}

function noRootStore(): CertPropError {
  return new CertPropError(
    'StoreUnavailable',
    "Neither the stores of .NET nor users' profiles have one for smart cards' roots. Leave out -StoreProvider, -ProfilePath and -AllProfiles, or leave out -Root.",
  );
}
