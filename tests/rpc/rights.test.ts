/** Roots without the right to store them: they are left out with one warning, and everything else is done. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { plainPropagation } from '../../build/engine-client.js';
import { encodeRoots } from '../../engine/card/minidriver/msroots.js';
import type { StreamEvent } from '../../engine/rpc/contract.js';
import { applySteps, planPropagation as planSteps } from '../../engine/rpc/handlers/plans.js';
import type { World } from '../../engine/rpc/world.js';
import type { StorePlace } from '../../engine/store/place.js';
import { profileStore } from '../../engine/store/profile.js';
import type { CertificateStore } from '../../engine/store/store.js';
import { writeCardImage } from '../../engine/virtual/card-image.js';
import { putFile } from '../../engine/virtual/personalization.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { embeddedWorld } from '../support/embedded-world.js';
import {
  applyPlan,
  outcomeOf,
  personalStore,
  planPropagation,
  type Outcome,
} from '../support/engine-plan.js';
import { insertVirtualCard, startVirtualEngine } from '../support/virtual-engine.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certprop-rights-'));
  const { state, root } = await makeSampleCard();
  const second = readFileSync('tests/fixtures/certificates/authority/root-ec.der');
  putFile(state, { directory: 'mscp', name: 'msroots' }, encodeRoots([root, second]));
  await insertVirtualCard(folder, 'Reader', writeCardImage(state));
});
afterEach(() => rm(folder, { recursive: true }));

const personal = Array<string>(3).fill('My Added NotInStore');
const withRoots = (action: string) => [...personal, ...Array<string>(2).fill(`SmartCardRoot ${action}`)];

function inShort({ results, errors }: Outcome): readonly string[] {
  assert.deepEqual(errors, []);
  return results.map(({ store, action, reason }) => `${store} ${action} ${reason}`);
}

/** The stores of Windows, each location a folder. */
function openStore(place: StorePlace, name: string): Promise<CertificateStore> {
  return Promise.resolve(
    profileStore(join(folder, 'location' in place ? place.location : assert.fail()), name),
  );
}

/** The plan, and what was done, in the user's own stores. */
async function planAndApply(world: World): Promise<readonly [Outcome, Outcome]> {
  const events: StreamEvent[] = [];
  const stream = (event: StreamEvent) => Promise.resolve(void events.push(event));
  const context = { signal: new AbortController().signal, stream };
  const steps = await planSteps(world, { ...plainPropagation, ...personalStore, progressToken: 1 }, context);
  const planned = outcomeOf(events.splice(0));
  await applySteps(steps, [...steps.keys()], context);
  return [planned, outcomeOf(events)];
}

test("a user's roots are left out of the machine's store, planned and carried out, with one warning in all", async () => {
  const world = embeddedWorld(join(folder, 'readers'), { openStore });
  const [planned, done] = await planAndApply(world);
  assert.deepEqual(inShort(planned), withRoots('Skipped NoRights'));
  assert.deepEqual(inShort(done), withRoots('Skipped NoRights'));
  const warnings = [...planned.warnings, ...done.warnings];
  assert.deepEqual(
    warnings.map(({ id }) => id),
    ['StoreAccessDenied'],
  );
  assert.match(warnings[0]?.message ?? '', /^Roots were left out\. Only administrators/u);
  assert.ok(!(await readdir(folder)).includes('LocalMachine'));
});

test("with an administrator's rights they are stored; then they are there for users too, without a warning", async () => {
  const world = embeddedWorld(join(folder, 'readers'), { openStore });
  const [, stored] = await planAndApply({ ...world, isElevated: () => Promise.resolve(true) });
  assert.deepEqual(inShort(stored), withRoots('Added NotInStore'));
  const [planned, done] = await planAndApply(world);
  for (const outcome of [planned, done]) {
    assert.deepEqual(
      inShort(outcome),
      inShort(stored).map((result) => result.replace('Added NotInStore', 'Unchanged AlreadyInStore')),
    );
    assert.deepEqual(outcome.warnings, []);
  }
});

const posixOnly = process.platform === 'win32' ? 'POSIX file modes' : false;
/** Root is denied nothing: as root the engine runs as nobody. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/** A store path whose SmartCardRoot its owner may read only. */
function storePathWithoutRights(): { path: string; closed: readonly string[] } {
  const path = join(folder, 'store');
  const stores = join(path, 'SystemCertificates');
  const closed = [join(stores, 'SmartCardRoot', 'Certificates'), join(stores, 'SmartCardRoot')];
  mkdirSync(join(stores, 'SmartCardRoot', 'Certificates'), { recursive: true });
  for (const place of [path, stores]) chownSync(place, nobody.uid ?? -1, nobody.gid ?? -1);
  for (const place of closed) chmodSync(place, 0o555);
  return { path, closed };
}

test(
  "an account that may not write a folder's SmartCardRoot: the plan can't know, carrying it out tells it once",
  { skip: posixOnly },
  async () => {
    const { path, closed } = storePathWithoutRights();
    chmodSync(folder, 0o755);
    const engine = await startVirtualEngine(folder, nobody);
    const place = { storePlace: { kind: 'Folder', path }, storeName: 'My' } as const;
    try {
      const plan = await planPropagation(engine, place);
      assert.deepEqual(inShort(plan), withRoots('Added NotInStore'));
      assert.deepEqual(plan.warnings, []);
      const done = await applyPlan(engine, plan);
      assert.deepEqual(inShort(done), withRoots('Skipped NoRights'));
      assert.deepEqual(
        done.warnings.map(({ id }) => id),
        ['StoreAccessDenied'],
      );
      assert.match(done.warnings[0]?.message ?? '', /SmartCardRoot.*permission denied/u);
      assert.equal((await readdir(join(path, 'SystemCertificates', 'My', 'Certificates'))).length, 3);
    } finally {
      await engine.end();
      for (const one of closed) chmodSync(one, 0o755);
    }
  },
);
