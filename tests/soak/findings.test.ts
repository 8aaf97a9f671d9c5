/** What the soak would find: a look that can find nothing proves nothing. */
import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { baseCsp, encodeKeyLink } from '../../engine/certificate/key-link.js';
import { markFor } from '../../engine/propagation/plan.js';
import { resultOf, type PropagationAction, type PropagationResult } from '../../engine/propagation/result.js';
import { profileStore } from '../../engine/store/profile.js';
import { propertyId } from '../../engine/store/property-id.js';
import { encodeText } from '../../engine/store/serialized.js';
import type { Properties } from '../../engine/store/store.js';
import { ada, grace } from '../store/certificates.js';
import { temporaryFolder } from '../store/temporary-folder.js';
import { newLedger } from './ledger.js';
import { keyOf, readStores, storeFolder } from './store-state.js';

const mark: [number, Uint8Array] = [
  propertyId.description,
  markFor({ readerName: 'Reader', cardId: '00' }, { version: '0.1.0', now: 0 }),
];
const link: [number, Uint8Array] = [
  propertyId.keyProvInfo,
  encodeKeyLink({ container: 'c', provider: baseCsp, providerType: 1, flags: 0, keySpec: 1 }),
];
const adaInMy = keyOf('My', ada.thumbprint);
const graceInRoots = keyOf('SmartCardRoot', grace.thumbprint);

/** A profile with a personal certificate and a root. */
async function profile(context: TestContext, personal: Properties = new Map([mark, link])): Promise<string> {
  const path = temporaryFolder(context);
  await profileStore(path, 'My').add(ada.der, personal, 'New');
  await profileStore(path, 'SmartCardRoot').add(grace.der, new Map([mark]), 'New');
  return path;
}

function result(store: string, thumbprint: string, action: PropagationAction): PropagationResult {
  return resultOf({
    ...{ thumbprint, store, action, info: null, reason: 'NotInStore', planned: false },
    ...{ provider: null, container: null, readerName: null, cardId: null },
  });
}

test('In whole stores there is nothing to find', async (context) => {
  const state = await readStores(await profile(context));
  assert.deepEqual([state.damage, state.strays], [[], []]);
  assert.deepEqual([...state.entries.keys()], [adaInMy, graceInRoots]);
});

test('A profile that does not exist yet is empty', async (context) => {
  const { entries, damage, strays } = await readStores(join(temporaryFolder(context), 'profile'));
  assert.deepEqual([entries.size, damage, strays], [0, [], []]);
});

test('A file that was cut off is found', async (context) => {
  const path = await profile(context);
  truncateSync(join(storeFolder(path, 'My'), 'Certificates', ada.thumbprint), 100);
  const { damage, entries } = await readStores(path);
  assert.match(damage.join(), /is damaged/u);
  assert.equal(entries.has(adaInMy), false);
});

test('A file that is no certificate’s is found', async (context) => {
  const path = await profile(context);
  writeFileSync(join(storeFolder(path, 'My'), 'Certificates', 'lock'), '');
  writeFileSync(join(storeFolder(path, 'SmartCardRoot'), 'lock'), '');
  assert.deepEqual((await readStores(path)).damage, [
    'My holds the file lock',
    'Beside the certificates of SmartCardRoot is lock',
  ]);
});

test('A temporary file is found', async (context) => {
  const path = await profile(context);
  const name = `CertProp-${'0'.repeat(32)}.tmp`;
  writeFileSync(join(storeFolder(path, 'My'), name), '');
  const { damage, strays } = await readStores(path);
  assert.deepEqual([damage, strays], [[], [`My: ${name}`]]);
});

test('A personal certificate without a link, and any without a mark, is found', async (context) => {
  const unlinked = await readStores(await profile(context, new Map([mark])));
  assert.deepEqual(unlinked.damage, [`${adaInMy} has no key link`]);
  const unmarked = await readStores(await profile(context, new Map([link])));
  assert.deepEqual(unmarked.damage, [`${adaInMy} has no mark`]);
});

test('A personal certificate that was stored is lost if it is gone', async (context) => {
  const path = await profile(context);
  const ledger = newLedger(['SmartCardRoot']);
  ledger.onResult(result('My', ada.thumbprint, 'Added'));
  ledger.onPulled();
  assert.deepEqual(ledger.lostIn(await readStores(path)), []);
  await profileStore(path, 'My').remove(ada.thumbprint, () => true);
  assert.deepEqual(ledger.lostIn(await readStores(path)), [`${adaInMy} is not there`]);
});

test('The friendly name that a person gave is lost with a certificate that has none', async (context) => {
  const ledger = newLedger(['SmartCardRoot']);
  ledger.onNamed(adaInMy, 'mine');
  ledger.onResult(result('My', ada.thumbprint, 'Replaced'));
  const named = await profile(context, new Map([mark, link, [propertyId.friendlyName, encodeText('mine')]]));
  assert.deepEqual(ledger.lostIn(await readStores(named)), []);
  assert.deepEqual(ledger.lostIn(await readStores(await profile(context))), [
    `${adaInMy} has lost its friendly name`,
  ]);
});

test('A root is lost if it goes before its card, and left behind if it stays after it', async (context) => {
  const path = await profile(context);
  const ledger = newLedger(['SmartCardRoot']);
  ledger.onResult(result('SmartCardRoot', grace.thumbprint, 'Added'));
  assert.equal(
    ledger.onResult(result('SmartCardRoot', grace.thumbprint, 'Removed')),
    `${graceInRoots} was removed`,
  );
  ledger.onPulled();
  assert.equal(ledger.onResult(result('SmartCardRoot', grace.thumbprint, 'Removed')), null);
  assert.deepEqual(ledger.leftBehindIn(await readStores(path)), [graceInRoots]);
});

test('A new engine has to take back what the dead one stored without telling', async (context) => {
  const ledger = newLedger(['SmartCardRoot']);
  ledger.onRestart(await readStores(await profile(context)));
  assert.deepEqual([...ledger.due], [graceInRoots]);
});
