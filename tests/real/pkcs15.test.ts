import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { openPkcs15 } from '../../engine/card/pkcs15.js';
import type { CardCertificateFile } from '../../engine/card/card.js';
import { pcscReaders } from '../../engine/pcsc/pcsc.js';
import type { SmartCardReaders } from '../../engine/pcsc/reader.js';
import { hex } from '../../engine/text.js';
import type { Pkcs15CardKind, Pkcs15CardState } from '../../engine/virtual/pkcs15-card-state.js';
import { blankPkcs15Card, pkcs15Card } from '../../engine/virtual/pkcs15-card.js';
import { insertCard, type InsertedCard } from '../../engine/virtual/vpcd.js';
import { collect } from '../support/collect.js';
import { openscTool, skipWithoutOpensc, succeed, type OpenscTool } from '../support/opensc.js';
import { skipWithoutPcscd, startPcscd, type Pcscd, type VirtualReader } from '../support/pcscd.js';
import { writePkcs15Card, type WrittenCard } from '../support/pkcs15.js';

const skip = skipWithoutPcscd() || skipWithoutOpensc();

interface Reading {
  readonly cardId: string;
  readonly label: string | null;
  readonly certificates: readonly CardCertificateFile[];
  readonly roots: readonly CardCertificateFile[];
  /** Moduli of the public keys beside the certificates. */
  readonly moduli: readonly (string | null)[];
  readonly commandCount: number;
}

describe('PKCS #15 cards that pkcs15-init wrote', { skip }, () => {
  let pcscd: Pcscd;
  let reader: VirtualReader;
  let tool: OpenscTool;
  let readers: SmartCardReaders;

  before(async () => {
    pcscd = await startPcscd();
    const [first] = pcscd.readers;
    assert.ok(first);
    reader = first;
    tool = openscTool(pcscd, reader);
    readers = pcscReaders();
  });
  after(async () => {
    await readers.close();
    await pcscd.stop();
  });

  async function withCard(state: Pkcs15CardState, work: (inserted: InsertedCard) => Promise<void>) {
    const inserted = await insertCard(pkcs15Card(state), reader.port);
    try {
      await work(inserted);
    } finally {
      await inserted.remove();
    }
  }

  function read(inserted: InsertedCard): Promise<Reading> {
    return readers.use(
      reader.readerName,
      async (card) => {
        const before = inserted.commandCount;
        const application = await openPkcs15(card);
        assert.ok(application);
        const certificates = await certificatesIn(application.certificates({ allSlots: false }));
        const commandCount = inserted.commandCount - before;
        const roots = await certificatesIn(application.roots());
        const moduli: (string | null)[] = [];
        for (const file of certificates) {
          const key = await application.publicKey(file);
          moduli.push(key?.kind === 'RSA' ? Buffer.from(key.modulus).toString('base64url') : null);
        }
        const { cardId, label } = application;
        return { cardId, label, certificates, roots, moduli, commandCount };
      },
      new AbortController().signal,
    );
  }

  async function agrees(reading: Reading, written: WrittenCard): Promise<void> {
    assert.deepEqual(
      reading.certificates.map(({ slot, label, key, keySpec, certificate }) => [
        ...[slot, label, key, keySpec],
        hex(certificate),
      ]),
      written.certificates.map(({ id, label, keySpec, certificate }) => [
        ...[id, label, 'Unnamed', keySpec],
        hex(certificate),
      ]),
    );
    assert.deepEqual(
      reading.roots.map(({ certificate }) => hex(certificate)),
      written.root === null ? [] : [hex(written.root)],
    );
    const list = await succeed(tool('pkcs15-tool', ['--list-certificates']));
    const all = [...reading.certificates, ...reading.roots];
    assert.deepEqual(
      list.match(/(?<=X\.509 Certificate \[)[^\]]+/g),
      all.map(({ label }) => label),
    );
    for (const { slot, certificate } of reading.certificates) {
      const text = await succeed(tool('pkcs15-tool', ['--read-certificate', slot ?? '']));
      assert.deepEqual(new X509Certificate(text).raw, Buffer.from(certificate));
      const { n } = new X509Certificate(text).publicKey.export({ format: 'jwk' });
      assert.ok(reading.moduli.includes(n ?? ''));
    }
  }

  const kinds: readonly (readonly [Pkcs15CardKind, string, string])[] = [
    ['MyEID', '00000000001234567890-AVENTRA_LTD', 'MyEID'],
    ['IsoApplet', '0123456789ABCDEF-UNKNOWN', 'Javacard with IsoApplet'],
  ];
  for (const [kind, cardId, name] of kinds) {
    test(`${kind}: CertProp and pkcs15-tool read the same, CertProp with less than half of the commands`, async () => {
      await withCard(blankPkcs15Card(kind), async (inserted) => {
        assert.match(await succeed(tool('opensc-tool', ['--name'])), new RegExp(name));
        const written = await writePkcs15Card(tool, kind, 3);
        const reading = await read(inserted);
        assert.equal(reading.cardId, cardId);
        assert.equal(reading.label, `Test ${kind}`);
        await agrees(reading, written);
        const before = inserted.commandCount;
        await succeed(tool('pkcs11-tool', ['--list-objects', '--type', 'cert']));
        const pkcs11 = inserted.commandCount - before;
        assert.ok(reading.commandCount <= 0.5 * pkcs11, `${reading.commandCount} of ${pkcs11} commands`);
      });
    });
  }

  test('MyEID, finalized: access rules hold, and all that is read needs no PIN', async () => {
    const state = blankPkcs15Card('MyEID');
    await withCard(state, async (inserted) => {
      const written = await writePkcs15Card(tool, 'MyEID', 1, { finalize: true });
      assert.equal(state.activated, true);
      await agrees(await read(inserted), written);
      const verify = (pin: string) =>
        tool('pkcs15-tool', ['--verify-pin', '--auth-id', '01', '--pin', 'env:PIN'], { PIN: pin });
      assert.equal((await verify('123456')).exitCode, 0);
      assert.notEqual((await verify('000000')).exitCode, 0);
      assert.equal(state.pins.get(1)?.triesLeft, 2);
      const wrong = ['--auth-id', '01', '--pin', 'env:PIN'];
      const remove = ['--delete-objects', 'cert', '--id', '01'];
      assert.notEqual((await tool('pkcs15-init', [...remove, ...wrong], { PIN: '000000' })).exitCode, 0);
      await succeed(tool('pkcs15-init', [...remove, ...wrong], { PIN: '123456' }));
      assert.deepEqual((await read(inserted)).certificates, []);
    });
  });

  test('a key generated on the card is listed with its public half', async () => {
    for (const [kind, pin] of [
      ['MyEID', ['--auth-id', '01', '--pin', 'env:PIN']],
      ['IsoApplet', ['--auth-id', 'FF', '--pin', 'env:PIN', '--so-pin', 'env:PIN']],
    ] as const) {
      await withCard(blankPkcs15Card(kind), async () => {
        await writePkcs15Card(tool, kind, 0);
        const generate = ['--generate-key', 'rsa/2048', '--id', '45', '--key-usage', 'sign', ...pin];
        await succeed(tool('pkcs15-init', generate, { PIN: '123456' }));
        const key = await succeed(tool('pkcs15-tool', ['--read-public-key', '45']));
        assert.match(key, /-----BEGIN PUBLIC KEY-----/, kind);
      });
    }
  });

  test('with the option direct-cert, the certificate lies in its directory', async () => {
    await withCard(blankPkcs15Card('IsoApplet'), async (inserted) => {
      const written = await writePkcs15Card(tool, 'IsoApplet', 1, { direct: true });
      const reading = await read(inserted);
      assert.deepEqual(
        reading.certificates.map(({ fileName }) => fileName),
        ['50154404#0'],
      );
      await agrees(reading, written);
    });
  });

  test('extended length, which IsoApplet announces, is used', async () => {
    await withCard(blankPkcs15Card('IsoApplet', { extendedLength: true }), async (inserted) => {
      const written = await writePkcs15Card(tool, 'IsoApplet', 3);
      const reading = await read(inserted);
      await agrees(reading, written);
      assert.ok(reading.commandCount <= 17, `${reading.commandCount} commands`);
    });
  });
});

async function certificatesIn(
  files: AsyncIterable<Parameters<typeof usable>[0]>,
): Promise<readonly CardCertificateFile[]> {
  return (await collect(files)).map(usable);
}

function usable(file: CardCertificateFile | { readonly error: Error }): CardCertificateFile {
  if ('error' in file) throw file.error;
  return file;
}
