/** OpenPGP through pcscd and vpcd: what GnuPG and OpenSC write and read on the virtual card is what CertProp reads. */
import assert from 'node:assert/strict';
import { KeyObject, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { CardPublicKey } from '../../engine/card/application.js';
import { openOpenpgp } from '../../engine/card/openpgp.js';
import { pcscReaders } from '../../engine/pcsc/pcsc.js';
import type { SmartCardConnection, SmartCardReaders } from '../../engine/pcsc/reader.js';
import { hex } from '../../engine/text.js';
import { putOpenpgpKey } from '../../engine/virtual/openpgp-card-keys.js';
import { newOpenpgpCard, type OpenpgpKeyNumber } from '../../engine/virtual/openpgp-card-state.js';
import { openpgpCard } from '../../engine/virtual/openpgp-card.js';
import { issue, makeIssuer } from '../../engine/virtual/sample-certificates.js';
import { insertCard, type InsertedCard } from '../../engine/virtual/vpcd.js';
import { readOpenpgp, type Reading } from '../card/openpgp-object-card.js';
import { collect } from '../support/collect.js';
import { skipWithoutGnupg, startGnupg, type Gnupg } from '../support/gnupg.js';
import { openscTool, skipWithoutOpensc, succeed, type OpenscTool } from '../support/opensc.js';
import { skipWithoutPcscd, startPcscd, type Pcscd, type VirtualReader } from '../support/pcscd.js';

const skip = skipWithoutPcscd() || skipWithoutGnupg() || skipWithoutOpensc();

/** The key's number is also OpenSC's id of its certificate. */
interface User {
  readonly slot: 'AUT' | 'DEC' | 'SIG';
  readonly keyNumber: OpenpgpKeyNumber;
  readonly key: 'RSA-2048' | 'P-256';
  readonly purpose: 'Authentication' | 'Logon' | 'Signature';
}

const users: readonly User[] = [
  { slot: 'AUT', keyNumber: 3, key: 'RSA-2048', purpose: 'Authentication' },
  { slot: 'DEC', keyNumber: 2, key: 'P-256', purpose: 'Logon' },
  { slot: 'SIG', keyNumber: 1, key: 'RSA-2048', purpose: 'Signature' },
];

describe('OpenPGP through pcscd and vpcd', { skip }, () => {
  let pcscd: Pcscd;
  let readers: SmartCardReaders;
  const issuer = makeIssuer('OpenPGP Test Root');

  before(async () => {
    pcscd = await startPcscd(3);
    readers = pcscReaders();
  });
  after(async () => {
    await readers.close();
    await pcscd.stop();
  });

  function readerAt(index: number): VirtualReader {
    const reader = pcscd.readers[index];
    assert.ok(reader);
    return reader;
  }

  async function use<T>(
    { readerName }: VirtualReader,
    work: (card: SmartCardConnection) => Promise<T>,
  ): Promise<T> {
    return readers.use(readerName, work, AbortSignal.timeout(30_000));
  }

  async function read(reader: VirtualReader): Promise<Reading> {
    const reading = await use(reader, (card) => readOpenpgp(card));
    assert.ok(reading);
    return reading;
  }

  /** The public keys of the card's certificates, in their order. */
  async function readKeys(reader: VirtualReader): Promise<readonly (CardPublicKey | null)[]> {
    return use(reader, async (card) => {
      const application = await openOpenpgp(card);
      assert.ok(application);
      const keys = [];
      for (const file of await collect(application.certificates({ allSlots: false })))
        keys.push('slot' in file ? await application.publicKey(file) : null);
      return keys;
    });
  }

  for (const [index, extendedLength] of [false, true].entries()) {
    const form = extendedLength ? 'extended' : 'short';

    describe(`a card with ${form} length, written by GnuPG and OpenSC`, () => {
      const certificates = new Map<string, Uint8Array>();
      let reader: VirtualReader;
      let gnupg: Gnupg;
      let opensc: OpenscTool;
      let inserted: InsertedCard;

      before(async () => {
        reader = readerAt(index);
        gnupg = await startGnupg(pcscd, reader);
        opensc = openscTool(pcscd, reader);
        const state = newOpenpgpCard({ extendedLength, serial: 0x0badcafe });
        inserted = await insertCard(openpgpCard(state), reader.port);
        for (const { slot, keyNumber, key, purpose } of users) {
          const user = { commonName: slot, upn: `${slot}@example.com`, key, purpose };
          const { certificate, publicKey } = await issue(await issuer, user);
          certificates.set(slot, certificate);
          putOpenpgpKey(state, keyNumber, KeyObject.from(publicKey));
          if (slot === 'AUT') await gnupg.writeCertificate(certificate);
          else await storeCertificate(opensc, keyNumber, certificate);
        }
      });
      after(async () => {
        await inserted.remove();
        await gnupg.stop();
      });

      async function commandsOf(work: () => Promise<unknown>): Promise<number> {
        const before = inserted.commandCount;
        await work();
        return inserted.commandCount - before;
      }

      test('gives CertProp the same certificates in the same slots', async () => {
        const { files, cardId, serialNumber } = await read(reader);
        assert.deepEqual(
          files.map((file) => 'slot' in file && [file.slot, file.key, file.certificate]),
          [...certificates].map(([slot, certificate]) => [slot, 'Unnamed', certificate]),
        );
        assert.deepEqual([cardId, serialNumber], ['FF000BADCAFE', '0BADCAFE']);
      });

      test('gives CertProp the certificates’ public keys', async () => {
        const values = (await readKeys(reader)).map((key) =>
          key?.kind === 'RSA' ? key.modulus : key?.point,
        );
        for (const [position, certificate] of [...certificates.values()].entries()) {
          const spki = new X509Certificate(certificate).publicKey.export({ format: 'der', type: 'spki' });
          const value = values[position];
          assert.ok(value && spki.includes(Buffer.from(value)));
        }
      });

      test('is read back alike by GnuPG and by OpenSC', async () => {
        assert.deepEqual(await gnupg.readCertificate(), Buffer.from(certificates.get('AUT') ?? []));
        for (const { slot, keyNumber } of users) {
          const pem = await succeed(opensc('pkcs15-tool', ['--read-certificate', `0${keyNumber}`]));
          assert.deepEqual(new X509Certificate(pem).raw, Buffer.from(certificates.get(slot) ?? []));
        }
      });

      test('is described alike by GnuPG and by OpenSC', async () => {
        const status = await gnupg.cardStatus();
        assert.match(status, /Version \.+: 3\.4/u);
        assert.match(status, /Serial number \.+: 0BADCAFE/u);
        const card = await succeed(opensc('openpgp-tool', ['--card-info']));
        assert.match(card, /Version:\s+3\.4/u);
        assert.match(card, /Serial number:\s+0badcafe/iu);
        assert.match(await succeed(opensc('opensc-tool', ['--name'])), /OpenPGP card v3\.4/u);
      });

      test('costs CertProp at most half the commands that pkcs11-tool takes', async (context) => {
        const own = await commandsOf(() => read(reader));
        const list = () => succeed(opensc('pkcs11-tool', ['--list-objects', '--type', 'cert']));
        const pkcs11 = await commandsOf(list);
        context.diagnostic(`${form} length: CertProp ${own}, pkcs11-tool ${pkcs11}`);
        assert.ok(own <= pkcs11 / 2, `${own} commands, pkcs11-tool ${pkcs11}`);
      });

      test('keys that GnuPG makes on the card are the ones that CertProp reads', async () => {
        const making = ['setattr KEY-ATTR --force 3 19 nistp256', 'genkey --force 3'];
        const point = /KEY-DATA q (\w+)/u.exec(await gnupg.cardDaemon(...making))?.[1];
        const [key] = await readKeys(reader);
        assert.ok(key?.kind === 'EC');
        assert.equal(hex(key.point), point);
      });
    });
  }

  describe('a card of version 2.1', () => {
    let reader: VirtualReader;
    let gnupg: Gnupg;
    let inserted: InsertedCard;

    before(async () => {
      reader = readerAt(2);
      gnupg = await startGnupg(pcscd, reader);
      const state = newOpenpgpCard({ version: 0x0201, manufacturer: 6, serial: 0x04174304 });
      inserted = await insertCard(openpgpCard(state), reader.port);
    });
    after(async () => {
      await inserted.remove();
      await gnupg.stop();
    });

    test('has the one certificate that GnuPG wrote, for CertProp and OpenSC alike', async () => {
      const user = { commonName: 'AUT', upn: 'aut@example.com', key: 'P-256', purpose: 'Logon' } as const;
      const { certificate } = await issue(await issuer, user);
      await gnupg.writeCertificate(certificate);
      const { files, serialNumber } = await read(reader);
      assert.deepEqual(
        files.map((file) => 'slot' in file && [file.slot, file.key, file.certificate]),
        [['AUT', 'None', certificate]],
      );
      assert.equal(serialNumber, '4174304');
      const opensc = openscTool(pcscd, reader);
      const pem = await succeed(opensc('pkcs15-tool', ['--read-certificate', '03']));
      assert.deepEqual(new X509Certificate(pem).raw, Buffer.from(certificate));
    });
  });
});

async function storeCertificate(
  opensc: OpenscTool,
  keyNumber: OpenpgpKeyNumber,
  certificate: Uint8Array,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'openpgp-'));
  const path = join(folder, 'certificate.der');
  await writeFile(path, certificate);
  const what = ['--store-certificate', path, '--format', 'der', '--id', `0${keyNumber}`];
  const pin = ['--auth-id', '03', '--verify-pin', '--pin', 'env:PIN'];
  await succeed(opensc('pkcs15-init', [...what, ...pin], { PIN: '12345678' }));
  await rm(folder, { recursive: true });
}
