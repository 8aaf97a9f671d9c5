import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  openGids,
  pinTriesLeft,
  readCounters,
  selectGids,
  verifyPin,
  writeCounters,
} from '../../engine/card/gids.js';
import { recordedCard } from './recorded-card.js';

/** The thumbprints that `openssl x509 -fingerprint` showed for the certificates that were written. */
const written = [
  ['kxc00', 'User 0', 'KeyExchange', '4826C6E9BC1DBFBA1BE31FF6F89108C68028AF11'],
  ['kxc01', 'User 1', 'KeyExchange', 'B8D09CAC82C6CBB82E731FA55640E7657BB46D4D'],
  ['ksc02', 'User 2', 'Signature', 'C422DA359F167FB59D6811D06E3EAF21F0026698'],
];

describe('GidsApplet', () => {
  test('gives the certificates that OpenSC wrote, and the keys that they are for', async () => {
    const card = recordedCard('gidsapplet-certificates');
    const gids = await openGids(card);
    assert.ok(gids);
    assert.equal(gids.cardId, '000102030405060708090A0B0C0D0E0F');
    const found: unknown[] = [];
    for await (const file of gids.certificates({ allSlots: false })) {
      assert.ok('certificate' in file);
      const certificate = new X509Certificate(file.certificate);
      const thumbprint = certificate.fingerprint.replaceAll(':', '');
      found.push([file.fileName, file.container?.name, file.keySpec, thumbprint]);
      const key = await gids.publicKey(file);
      assert.ok(key?.kind === 'RSA');
      const { n = '', e = '' } = certificate.publicKey.export({ format: 'jwk' });
      assert.deepEqual(Buffer.from(key.modulus), Buffer.from(n, 'base64url'));
      assert.deepEqual(Buffer.from(key.exponent), Buffer.from(e, 'base64url'));
    }
    assert.deepEqual(found, written);
    assert.equal(card.commands.length, card.length);
  });

  test('takes new counters after the PIN', async () => {
    const card = recordedCard('gidsapplet-counters');
    const gids = await selectGids(card);
    assert.ok(gids);
    const before = await readCounters(gids);
    assert.deepEqual([before.containersFreshness, before.filesFreshness], [3, 12]);
    assert.equal(await pinTriesLeft(gids), 3);
    await verifyPin(gids, Buffer.from('123456'));
    await writeCounters(gids, { ...before, containersFreshness: 4, filesFreshness: 13 });
    const after = await readCounters(gids);
    assert.deepEqual([after.containersFreshness, after.filesFreshness], [4, 13]);
    assert.equal(card.commands.length, card.length);
  });
});
