/** The profiles in Windows' list, from the request to the file and the registry: the engine under Wine. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { noSelectors } from '../../build/engine-client.js';
import type { Method, Parameters, Results, StoresPlace, StreamEvent } from '../../engine/rpc/contract.js';
import { certificateFile, ec, elements, makeProfiles, rsa } from '../backup/bed.js';
import { setRegistryValue, skipWithoutWine, startWine, type Wine } from '../support/wine.js';
import { startEngine, type WineEngine } from '../support/wine-engine.js';

const list = 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList';
/** Wine's own user, who is always signed in; and one who is not. */
const [ada, bob] = ['S-1-5-21-0-0-0-1000', 'S-1-5-21-9-9-9-1001'];
const stored = `HKEY_USERS\\${ada}\\Software\\Microsoft\\SystemCertificates\\My\\Certificates\\${ec}`;
const all: Pick<Parameters<'removal/plan'>, 'storePlace' | 'storeNames' | 'trace'> = {
  ...{ storePlace: { kind: 'AllProfiles' }, storeNames: ['My', 'Request'], trace: 'None' },
};

suite('All profiles under Wine', { skip: skipWithoutWine() }, () => {
  let wine: Wine;
  let engine: WineEngine;
  let people = '';
  before(async () => {
    wine = await startWine();
    people = join(wine.systemFolder, '..', '..', 'people');
    await makeProfiles(people);
    await setRegistryValue(wine, `${list}\\${ada}`, 'ProfileImagePath', 'REG_SZ', 'C:\\people\\ada');
    await setRegistryValue(wine, `${list}\\${bob}`, 'ProfileImagePath', 'REG_SZ', 'C:\\people\\bob');
    await setRegistryValue(wine, `${list}\\${bob}`, 'CentralProfile', 'REG_SZ', '\\\\server\\bob');
    await setRegistryValue(wine, `${list}\\${bob}.bak`, 'ProfileImagePath', 'REG_SZ', 'C:\\people\\gone');
    await inRegistry(elements[ec] ?? new Uint8Array());
    engine = await startEngine(wine);
  });
  after(async () => {
    await engine.end();
    await wine.stop();
  });

  async function inRegistry(element: Uint8Array): Promise<void> {
    const file = join(wine.folder, 'blob.reg');
    const bytes = [...element].map((byte) => byte.toString(16).padStart(2, '0')).join(',');
    writeFileSync(file, `REGEDIT4\r\n\r\n[${stored}]\r\n"Blob"=hex:${bytes}\r\n`);
    const { exitCode, output } = await wine.run('reg', ['import', wine.path(file)]);
    assert.equal(exitCode, 0, output);
  }

  async function eventsOf<M extends Method>(
    method: M,
    parameters: Omit<Parameters<M>, 'progressToken'>,
  ): Promise<{ events: StreamEvent[]; answer: Results[M] }> {
    const events: StreamEvent[] = [];
    const answer = await engine.request(method, parameters, (event) => events.push(event));
    return { events, answer };
  }

  test('are looked through, with what lies in the registry of who is signed in', async () => {
    const { events } = await eventsOf('inventory/list', { ...noSelectors, ...all, summary: false });
    const found = events.flatMap((event) =>
      event.kind === 'propagated'
        ? [
            [event.certificate.profilePath, event.certificate.storeName, event.certificate.storePath].join(
              ' ',
            ),
          ]
        : [],
    );
    assert.deepEqual(found.toSorted(), [
      'C:\\people\\ada My ',
      'C:\\people\\ada My ',
      `C:\\people\\ada My HKEY_USERS\\${ada}\\Software\\Microsoft`,
      'C:\\people\\bob Request ',
    ]);
    const told = events.flatMap((event) => (event.kind === 'warning' ? [event.error] : []));
    const ids = told.map(({ id }) => id);
    assert.ok(ids.includes('RoamingProfile'), JSON.stringify(told));
    const skipped = told.filter(({ id }) => id === 'ProfileSkipped').map(({ message }) => message);
    assert.ok(
      skipped.some((message) => message.includes('C:\\people\\gone')),
      JSON.stringify(told),
    );
  });

  test('a path that names one of them is the same profile', async () => {
    const storePlace: StoresPlace = { kind: 'Profiles', paths: ['C:\\people\\*'] };
    const { events } = await eventsOf('inventory/list', {
      ...noSelectors,
      ...all,
      storePlace,
      summary: true,
    });
    const counts = events.flatMap((event) =>
      event.kind === 'summary' ? [[event.summary.profileUser, event.summary.fromCards]] : [],
    );
    assert.deepEqual(counts, [
      ['ada', 3],
      ['bob', 1],
    ]);
  });

  test('a certificate goes from the folder and from the registry', async () => {
    const selected = { ...noSelectors, ...all, thumbprints: [ec] };
    const plan = await eventsOf('removal/plan', { ...selected, named: false, roots: false, backup: null });
    const indexes = Array.from({ length: plan.answer.count }, (_, index) => index);
    const { events } = await eventsOf('plan/apply', { planId: plan.answer.planId, indexes, trace: 'None' });
    const actions = events.flatMap((event) => (event.kind === 'result' ? [event.result.action] : []));
    assert.deepEqual(actions, ['Removed', 'Removed', 'Removed']);
    assert.deepEqual(
      [rsa, ec].map((thumbprint) => existsSync(certificateFile(join(people, 'ada'), thumbprint))),
      [true, false],
    );
    assert.ok(!existsSync(certificateFile(join(people, 'bob'), ec, 'Request')));
    assert.notEqual((await wine.run('reg', ['query', stored])).exitCode, 0);
  });
});
