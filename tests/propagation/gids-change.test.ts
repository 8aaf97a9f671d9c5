/** Certificates put on a virtual GIDS card and taken off, pulled out after every command. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { selectGids, readCounters } from '../../engine/card/gids.js';
import { decodeCertificateFile } from '../../engine/card/minidriver/certificate-file.js';
import { encodeContainerMap, parseContainerMap } from '../../engine/card/minidriver/cmapfile.js';
import { parseRoots } from '../../engine/card/minidriver/msroots.js';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { CertPropError } from '../../engine/errors.js';
import type { CardChangeRequest, Credential } from '../../engine/propagation/card-change.js';
import { readCardImage, writeCardImage } from '../../engine/virtual/card-image.js';
import type { CardState } from '../../engine/virtual/card-state.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { getFile, putFile } from '../../engine/virtual/personalization.js';
import {
  addition,
  cardWithKeys,
  change,
  insert,
  issued,
  issuer,
  pin,
  type Keyed,
} from './card-change-bed.js';

const credential: Credential = { kind: 'Pin', bytes: pin };
const copy = (state: CardState): CardState => readCardImage(writeCardImage(state));
const removal = ({ certificate }: Keyed): CardChangeRequest => ({
  kind: 'Remove',
  thumbprint: thumbprintOf(certificate),
});
const mscp = (state: CardState, name: string): Uint8Array | null =>
  getFile(state, { directory: 'mscp', name });
const certificateIn = (state: CardState, name: string): Uint8Array => {
  const file = mscp(state, name);
  assert.ok(file);
  return decodeCertificateFile(file);
};
const apply = (state: CardState, request: CardChangeRequest) => change(gidsCard(state), request, credential);

let first: Keyed;
let second: Keyed;
let renewed: Uint8Array;
let root: Uint8Array;

before(async () => {
  [first, second] = await Promise.all([issued(), issued('P-256')]);
  renewed = (await issued()).certificate;
  root = (await issuer).certificate;
});

describe('a certificate is put on a GIDS card', () => {
  test('beside the key that is its own, compressed, and the file counter is raised', async () => {
    const state = cardWithKeys(first, second);
    const { change: done, commands } = await apply(state, await addition(second.certificate));
    assert.equal(done.draft.action, 'Added');
    assert.deepEqual(certificateIn(state, 'kxc01'), Uint8Array.from(second.certificate));
    assert.equal(mscp(state, 'kxc00'), null);
    assert.deepEqual([...(getFile(state, { directory: '', name: 'cardcf' }) ?? [])], [0, 0, 0, 0, 1, 0]);
    assert.ok(commands.length <= 26, `${String(commands.length)} commands`);
  });

  test('the container map stays as it is where the container is in it', async () => {
    const state = cardWithKeys(first);
    const map = mscp(state, 'cmapfile');
    await apply(state, await addition(first.certificate));
    assert.deepEqual(mscp(state, 'cmapfile'), map);
  });

  test('a key that the container map lacks comes into it, with both counters raised', async () => {
    const state = cardWithKeys(first, second);
    const [known] = parseContainerMap(mscp(state, 'cmapfile') ?? new Uint8Array());
    assert.ok(known);
    putFile(state, { directory: 'mscp', name: 'cmapfile' }, encodeContainerMap([known]));
    const { change: done } = await apply(state, await addition(second.certificate));
    const [, record] = parseContainerMap(mscp(state, 'cmapfile') ?? new Uint8Array());
    assert.deepEqual(
      [record?.name, record?.flags, record?.keyExchangeKeySizeBits, record?.signatureKeySizeBits],
      [done.draft.place.container, 1, 256, 0],
    );
    assert.deepEqual([...(getFile(state, { directory: '', name: 'cardcf' }) ?? [])], [0, 0, 1, 0, 1, 0]);
  });

  test('once: the second time nothing is written, and no PIN is asked for', async () => {
    const state = cardWithKeys(first);
    await apply(state, await addition(first.certificate));
    const image = writeCardImage(state);
    const { change: again } = await change(gidsCard(state), await addition(first.certificate), null);
    assert.deepEqual([again.draft.action, again.draft.write], ['Unchanged', null]);
    assert.equal(writeCardImage(state), image);
  });

  test('of which the card has no key, only where -Force names a container; the old one is kept first', async () => {
    const state = cardWithKeys(first);
    await apply(state, await addition(first.certificate));
    await assert.rejects(apply(state, await addition(renewed)), { id: 'KeyNotOnCard' });
    await assert.rejects(apply(state, await addition(renewed, { container: '0' })), { id: 'KeyNotOnCard' });
    const forced = await apply(state, await addition(renewed, { container: '0', force: true }));
    assert.equal(forced.change.draft.action, 'Replaced');
    assert.deepEqual(forced.kept, [Uint8Array.from(first.certificate)]);
    assert.deepEqual(certificateIn(state, 'kxc00'), Uint8Array.from(renewed));
  });

  test('into a container of another key spec or name it does not go', async () => {
    const state = cardWithKeys(first);
    await assert.rejects(apply(state, await addition(first.certificate, { keySpec: 'Signature' })), {
      id: 'KeySpecMismatch',
    });
    await assert.rejects(apply(state, await addition(first.certificate, { container: 'none' })), {
      id: 'ContainerNotFound',
    });
  });

  test('a root goes to the others; what is no root does not', async () => {
    const state = cardWithKeys(first);
    await apply(state, await addition(root, 'Root'));
    assert.deepEqual(await parseRoots(mscp(state, 'msroots') ?? new Uint8Array()), [Uint8Array.from(root)]);
    await assert.rejects(apply(state, await addition(first.certificate, 'Root')), { id: 'NoRoot' });
    const { change: again } = await change(gidsCard(state), await addition(root, 'Root'), null);
    assert.equal(again.draft.action, 'Unchanged');
  });

  test('with a wrong PIN nothing is written, and with one try left none is presented', async () => {
    const state = cardWithKeys(first);
    const image = writeCardImage(state);
    const wrong: Credential = { kind: 'Pin', bytes: Buffer.from('999999') };
    const request = await addition(first.certificate);
    await assert.rejects(change(gidsCard(state), request, wrong), { id: 'WrongPin' });
    await assert.rejects(change(gidsCard(state), request, wrong), { id: 'WrongPin' });
    await assert.rejects(change(gidsCard(state), request, wrong), { id: 'PinLastTry' });
    state.pin.triesLeft = 3;
    assert.equal(writeCardImage(state), image);
    state.pin.triesLeft = 0;
    await assert.rejects(change(gidsCard(state), request, credential), { id: 'PinBlocked' });
  });

  test('a full card says so, and a later run with room finishes', async () => {
    const state = cardWithKeys(first);
    const objects = state.files.get(0xa010)?.objects;
    assert.ok(objects);
    while (objects.size < 128) objects.set(0xe000 + objects.size, new Uint8Array());
    const request = await addition(first.certificate);
    await assert.rejects(apply(state, request), { id: 'CardFull', message: /Remove-CardCertificate/u });
    for (const tag of [...objects.keys()].filter((one) => one >= 0xe000)) objects.delete(tag);
    await apply(state, request);
    assert.deepEqual(certificateIn(state, 'kxc00'), Uint8Array.from(first.certificate));
  });
});

describe('a certificate is taken off a GIDS card', () => {
  test('it is kept first; its key and its container stay', async () => {
    const state = cardWithKeys(first, second);
    await apply(state, await addition(first.certificate));
    const map = mscp(state, 'cmapfile');
    const { kept } = await apply(state, removal(first));
    assert.deepEqual(kept, [Uint8Array.from(first.certificate)]);
    assert.equal(mscp(state, 'kxc00'), null);
    assert.deepEqual(mscp(state, 'cmapfile'), map);
    await assert.rejects(apply(state, removal(first)), { id: 'CertificateNotOnCard' });
    await apply(state, await addition(first.certificate));
    assert.deepEqual(certificateIn(state, 'kxc00'), Uint8Array.from(first.certificate));
  });

  test('a root goes and the others stay', async () => {
    const state = cardWithKeys(first);
    await apply(state, await addition(root, 'Root'));
    const { kept } = await apply(state, { kind: 'Remove', thumbprint: thumbprintOf(root) });
    assert.deepEqual(kept, [Uint8Array.from(root)]);
    assert.deepEqual(await parseRoots(mscp(state, 'msroots') ?? new Uint8Array()), []);
  });

  test('nothing is written where it can not be kept', async () => {
    const state = cardWithKeys(first);
    await apply(state, await addition(first.certificate));
    const image = writeCardImage(state);
    const { changeCard } = await import('../../engine/propagation/change-card.js');
    const keep = () => Promise.reject(new CertPropError('BackupFailed', 'No room.'));
    await assert.rejects(changeCard(insert(gidsCard(state)), null, removal(first), { credential, keep }), {
      id: 'BackupFailed',
    });
    assert.equal(writeCardImage(state), image);
  });
});

describe('a GIDS card that is pulled out after every single command', () => {
  /** Both are what Windows compares; files hold the container map too. */
  async function seen(
    state: CardState,
  ): Promise<{ containers: number; files: number; map: string; all: string }> {
    const gids = await selectGids(insert(gidsCard(state)));
    assert.ok(gids);
    const { containersFreshness, filesFreshness } = await readCounters(gids);
    const names = [
      ...new Set(gids.files.filter(({ directory }) => directory === 'mscp').map(({ name }) => name)),
    ];
    const contents = names.map((name) => [name, Buffer.from(mscp(state, name) ?? []).toString('hex')]);
    const map = Buffer.from(mscp(state, 'cmapfile') ?? []).toString('hex');
    return { containers: containersFreshness, files: filesFreshness, map, all: JSON.stringify(contents) };
  }

  async function pullEverywhere(
    start: CardState,
    request: CardChangeRequest,
    isDone: (state: CardState) => boolean | Promise<boolean>,
  ): Promise<void> {
    const original = await seen(start);
    const whole = copy(start);
    const { commands } = await apply(whole, request);
    assert.ok(await isDone(whole));
    for (let count = 1; count <= commands.length; count++) {
      const state = copy(start);
      await assert.rejects(change(gidsCard(state), request, credential, count), {
        id: 'CardRemoved',
        message: /Insert it/u,
      });
      const pulled = await seen(state);
      const where = `after ${String(count)} of ${String(commands.length)}`;
      if (pulled.all !== original.all) assert.notEqual(pulled.files, original.files, where);
      if (pulled.map !== original.map) assert.notEqual(pulled.containers, original.containers, where);

      const wasDone = await isDone(state);
      await apply(state, request).catch((error: unknown) => {
        assert.ok(wasDone && error instanceof CertPropError && error.id === 'CertificateNotOnCard', where);
      });
      assert.ok(await isDone(state), where);
      const resumed = await seen(state);
      assert.equal(resumed.all.length, (await seen(whole)).all.length, where);
      assert.notEqual(resumed.files, original.files, where);
      if (!wasDone) assert.notEqual(resumed.files, pulled.files, where);
    }
  }

  test('while a certificate comes into a new file', async () => {
    const request = await addition(second.certificate);
    await pullEverywhere(cardWithKeys(first, second), request, (state) => mscp(state, 'kxc01') !== null);
  });

  test('while a container comes into the map too', async () => {
    const state = cardWithKeys(second);
    putFile(state, { directory: 'mscp', name: 'cmapfile' }, new Uint8Array());
    const request = await addition(second.certificate);
    await pullEverywhere(state, request, (one) => mscp(one, 'kxc00') !== null);
  });

  test('while a certificate is replaced', async () => {
    const state = cardWithKeys(first);
    await apply(state, await addition(first.certificate));
    const request = await addition(renewed, { container: '0', force: true });
    await pullEverywhere(state, request, (one) =>
      Buffer.from(certificateIn(one, 'kxc00')).equals(Buffer.from(renewed)),
    );
  });

  test('while a root is added', async () => {
    const request = await addition(root, 'Root');
    await pullEverywhere(cardWithKeys(second), request, (state) => mscp(state, 'msroots') !== null);
  });

  test('while a certificate is removed', async () => {
    const state = cardWithKeys(first);
    await apply(state, await addition(first.certificate));
    await pullEverywhere(state, removal(first), (one) => mscp(one, 'kxc00') === null);
  });

  test('while a root is removed', async () => {
    const state = cardWithKeys(second);
    await apply(state, await addition(root, 'Root'));
    const request = { kind: 'Remove', thumbprint: thumbprintOf(root) } as const;
    await pullEverywhere(
      state,
      request,
      async (one) => (await parseRoots(mscp(one, 'msroots') ?? new Uint8Array())).length === 0,
    );
  });
});
