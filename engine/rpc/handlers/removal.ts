import { CertPropError } from '../../errors.js';
import { authorityStores } from '../../propagation/propagate.js';
import { normalSerialNumber, planRemoval, type RemovalSelection } from '../../propagation/removal.js';
import type { PlannedStep } from '../../propagation/step.js';
import type { CertificateStore } from '../../store/store.js';
import type { Parameters } from '../contract.js';
import { EventQueue } from '../events.js';
import { gather } from '../gather.js';
import type { RequestContext } from '../handler.js';
import { authorityPlace } from '../stores.js';
import { readersNotReadable } from '../unknown-cards.js';
import type { World } from '../world.js';

/** Plans the removal of what is selected in a store; streams each step's preview. */
export async function planSelected(
  world: World,
  parameters: Parameters<'removal/plan'>,
  context: RequestContext,
): Promise<readonly PlannedStep[]> {
  const store = await openStore(world, parameters);
  const out = new EventQueue(context);
  const selection = await selectionOf(world, parameters, context, out);
  const steps: PlannedStep[] = [];
  // A store may hold much: no more is read than the client takes.
  const unreadable = (error: CertPropError): Promise<void> => {
    out.problem(error, 'warning');
    return out.sent();
  };
  for await (const step of planRemoval(store, selection, unreadable, context.signal)) {
    out.send({ kind: 'result', index: steps.length, result: step.preview });
    await out.sent();
    steps.push(step);
  }
  return steps;
}

async function openStore(
  world: World,
  { roots, storePlace, storeName }: Parameters<'removal/plan'>,
): Promise<CertificateStore> {
  if (!roots) return world.openStore(storePlace, storeName);
  const place = authorityPlace(storePlace, 'Root');
  if (place === null) throw noRootStore();
  return world.openStore(place, authorityStores.Root);
}

async function selectionOf(
  world: World,
  parameters: Parameters<'removal/plan'>,
  context: RequestContext,
  out: EventQueue,
): Promise<RemovalSelection> {
  const { thumbprints, named, subjects, serialNumbers, notOnCard, expired, roots, pkcs11Module, trace } =
    parameters;
  return {
    thumbprints: thumbprints === null ? null : new Set(thumbprints),
    named,
    subjects,
    serialNumbers: serialNumbers === null ? null : new Set(serialNumbers.map(normalSerialNumber)),
    onCard: parameters.readers === null ? null : await thumbprintsIn(parameters.readers),
    notOnCard: notOnCard ? await thumbprintsIn(null) : null,
    expiredAt: expired ? world.now() : null,
    markedOnly: false,
  };

  /** For certificates that are on no card, every single card has to be known. */
  async function thumbprintsIn(readers: readonly string[] | null): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    const complete = await gather(
      world,
      {
        ...{ readers, targets: null, thumbprints: null, pkcs11Module, trace },
        links: false,
        contents: { files: roots ? 'All' : 'Certificates', keys: false, allSlots: true },
      },
      out,
      ({ info }) => found.add(info.thumbprint),
      context.signal,
    );
    if (readers === null && !complete) throw readersNotReadable();
    return found;
  }
}

function noRootStore(): CertPropError {
  return new CertPropError(
    'StoreUnavailable',
    "The stores of .NET have none for smart cards' roots. Leave out -StoreProvider, or leave out -Root.",
  );
}
