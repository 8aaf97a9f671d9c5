/** Requests to change a card's certificates: what opens the card is wiped, and what is lost is kept first. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { embeddedReaders } from '../../engine/pcsc/embedded.js';
import type { Parameters } from '../../engine/rpc/contract.js';
import { addCertificate, removeCertificate } from '../../engine/rpc/handlers/card-changes.js';
import type { World } from '../../engine/rpc/world.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { pivCard } from '../../engine/virtual/piv-card.js';
import { newPivCard } from '../../engine/virtual/piv-state.js';
import { makeSampleCard, type SampleCard } from '../../engine/virtual/sample-card.js';
import { embeddedWorld } from '../support/embedded-world.js';

type Adding = Parameters<'card/add-certificate'>;

const context = { signal: new AbortController().signal, stream: () => Promise.resolve() };
const common = { progressToken: 1, trace: 'None', cardId: null, backupFolder: '/kept' } as const;
const pin = (text: string) => ({ kind: 'Pin' as const, bytes: [...Buffer.from(text)] });
const key = (text: string) => ({ kind: 'ManagementKey' as const, bytes: [...Buffer.from(text)] });
const factoryKey = '0102030405060708'.repeat(3);

describe('a request to change the certificates on a card', () => {
  let folder: string;
  let sample: SampleCard;
  let certificate: Uint8Array;
  let world: World;
  const kept: (readonly [string | null, Uint8Array])[] = [];
  const piv = newPivCard();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certprop-changes-'));
    sample = await makeSampleCard();
    certificate = [...sample.certificates.values()][0] ?? assert.fail();
    for (const reader of ['GIDS', 'PIV']) {
      await mkdir(join(folder, reader));
      await writeFile(join(folder, reader, 'card.json'), '');
    }
    const cards = { GIDS: gidsCard(sample.state), PIV: pivCard(piv) };
    const load = (path: string) => {
      const card = path.includes('PIV') ? cards.PIV : cards.GIDS;
      return Promise.resolve({ ...card, save: () => Promise.resolve() });
    };
    world = embeddedWorld(folder, {
      readers: embeddedReaders(folder, load),
      keepCardCertificate(to, lost) {
        kept.push([to, lost]);
        return Promise.resolve('/kept/1.cer');
      },
      readCertificateFile: () => Promise.resolve(certificate),
      readManagementKeyFile: () => Promise.resolve(Buffer.from(`${factoryKey}\n`)),
    });
  });
  after(() => rm(folder, { recursive: true }));

  const adding = (changes: Partial<Adding>): Adding => ({
    ...{ ...common, readerName: 'GIDS', credential: null },
    certificate: { kind: 'File', path: '/user.cer' },
    target: { kind: 'Key', container: null, keySpec: null, force: false },
    ...changes,
  });

  test('keeps what is removed in the folder that was named, and wipes the PIN', async () => {
    const removing = { ...common, readerName: 'GIDS', thumbprint: thumbprintOf(certificate) };
    const planned = await removeCertificate(world, { ...removing, credential: null }, context);
    assert.deepEqual([planned.action, planned.planned, planned.credential], ['Removed', true, 'Pin']);
    assert.equal(kept.length, 0);
    const credential = pin(sample.pin);
    const done = await removeCertificate(world, { ...removing, credential }, context);
    assert.deepEqual([done.action, done.planned, done.backupPath], ['Removed', false, '/kept/1.cer']);
    assert.deepEqual(kept, [['/kept', certificate]]);
    assert.ok(credential.bytes.every((byte) => byte === 0));
  });

  test('adds it again, and wipes a PIN that was wrong too', async () => {
    const wrong = pin('000000');
    await assert.rejects(addCertificate(world, adding({ credential: wrong }), context), { id: 'WrongPin' });
    assert.ok(wrong.bytes.every((byte) => byte === 0));
    const done = await addCertificate(world, adding({ credential: pin(sample.pin) }), context);
    assert.deepEqual([done.action, done.thumbprint], ['Added', thumbprintOf(certificate)]);
    const again = await addCertificate(world, adding({}), context);
    assert.deepEqual([again.action, again.planned, again.credential], ['Unchanged', false, null]);
  });

  test('means the card that was seen', async () => {
    const other = adding({ cardId: 'OTHER', credential: pin(sample.pin) });
    await assert.rejects(addCertificate(world, other, context), { id: 'CardChanged' });
  });

  const slot = { kind: 'Key', container: '9A', keySpec: null, force: true } as const;

  test('takes a management key in hex digits only, and wipes it', async () => {
    for (const text of ['', '0102', factoryKey.replace('0', 'g'), `${factoryKey}0`, factoryKey.slice(2)]) {
      const credential = key(text);
      const request = adding({ readerName: 'PIV', credential, target: slot });
      await assert.rejects(addCertificate(world, request, context), { id: 'ManagementKeyInvalid' });
      assert.ok(credential.bytes.every((byte) => byte === 0));
    }
    assert.equal(piv.objects.size, 0);
    const request = adding({ readerName: 'PIV', credential: key(` ${factoryKey} `), target: slot });
    const done = await addCertificate(world, request, context);
    assert.deepEqual([done.action, done.cardFamily, done.filesFreshness], ['Added', 'PIV', null]);
  });

  test('takes the management key out of a file', async () => {
    const removing = { ...common, readerName: 'PIV', thumbprint: thumbprintOf(certificate) };
    const credential = { kind: 'ManagementKeyFile', path: '/key' } as const;
    const done = await removeCertificate(world, { ...removing, credential }, context);
    assert.deepEqual([done.action, piv.objects.size], ['Removed', 0]);
  });

  test('asks each family for what opens it', async () => {
    const withPin = adding({ readerName: 'PIV', credential: pin('123456'), target: slot });
    await assert.rejects(addCertificate(world, withPin, context), { id: 'ManagementKeyRequired' });
    const root = { kind: 'Data', data: Buffer.from(certificate).toString('base64') } as const;
    const withKey = adding({
      credential: key(factoryKey),
      certificate: root,
      target: { ...slot, container: '1' },
    });
    await assert.rejects(addCertificate(world, withKey, context), { id: 'PinRequired' });
  });
});
