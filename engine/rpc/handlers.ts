/** Every method of the contract, carried out by the core. */
import { applySteps, planPropagation } from './handlers/plans.js';
import { Backups } from './backups.js';
import { addCertificate, removeCertificate } from './handlers/card-changes.js';
import { readCache } from './handlers/cache.js';
import { listCards } from './handlers/cards.js';
import { listCertificates } from './handlers/certificates.js';
import { testPropagation } from './handlers/diagnosis.js';
import { readPolicies } from './handlers/policies.js';
import { readCounters, writeCounters } from './handlers/counters.js';
import { listPropagated } from './handlers/inventory.js';
import { planSelected } from './handlers/removal.js';
import { planRestored } from './handlers/restoration.js';
import { watchCards } from './handlers/watch.js';
import { describeReader } from './describe.js';
import type { Handlers } from './handler.js';
import { Plans } from './plans.js';
import type { World } from './world.js';

export function createHandlers(world: World): Handlers {
  const { readers, version } = world;
  const plans = new Plans();
  const backups = new Backups(world.newBackup);
  return {
    'engine/info': () =>
      Promise.resolve({ version, nodeVersion: process.versions.node, processId: process.pid }),
    'reader/list': async () => ({ readers: (await readers.list()).map(describeReader) }),
    'card/list': (parameters, context) => listCards(world, parameters, context),
    'certificate/list': (parameters, context) => listCertificates(world, parameters, context),
    'propagation/plan': async (parameters, context) =>
      plans.keep(await planPropagation(world, parameters, context)),
    'inventory/list': (parameters, context) => listPropagated(world, parameters, context),
    'removal/plan': async (parameters, context) =>
      plans.keep(await planSelected(world, backups, parameters, context)),
    'restoration/plan': async (parameters, context) =>
      plans.keep(await planRestored(world, parameters, context)),
    'watch/run': (parameters, context) => watchCards(world, parameters, context),
    'propagation/test': (parameters, context) => testPropagation(world, parameters, context),
    'plan/apply': ({ planId, indexes }, context) => applySteps(plans.take(planId), indexes, context),
    'plan/discard': ({ planId }) => {
      plans.discard(planId);
      return Promise.resolve({});
    },
    'policy/read': (parameters, context) => readPolicies(world, parameters, context),
    'counter/read': (parameters, context) => readCounters(world, parameters, context),
    'counter/write': (parameters, context) => writeCounters(world, parameters, context),
    'card/add-certificate': (parameters, context) => addCertificate(world, parameters, context),
    'card/remove-certificate': (parameters, context) => removeCertificate(world, parameters, context),
    'cache/read': (parameters, context) => readCache(world, parameters, context),
  };
}
