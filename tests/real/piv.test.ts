/** PIV through pcscd and vpcd: what Yubico's and OpenSC's tools write and read on the virtual card is what CertProp reads. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { pcscReaders } from '../../engine/pcsc/pcsc.js';
import type { SmartCardReaders } from '../../engine/pcsc/reader.js';
import { pivCard } from '../../engine/virtual/piv-card.js';
import { putPivCertificate } from '../../engine/virtual/piv-objects.js';
import { newPivCard } from '../../engine/virtual/piv-state.js';
import { issue, makeIssuer } from '../../engine/virtual/sample-certificates.js';
import { insertCard, type InsertedCard } from '../../engine/virtual/vpcd.js';
import { readPiv, type PivReading } from '../card/piv-object-card.js';
import { openscTool, skipWithoutOpensc, succeed, type OpenscTool } from '../support/opensc.js';
import { skipWithoutPcscd, startPcscd, type Pcscd, type VirtualReader } from '../support/pcscd.js';
import { importCertificate, skipWithoutYubico, yubicoTool, type YubicoTool } from '../support/yubico.js';

const skip = skipWithoutPcscd() || skipWithoutYubico() || skipWithoutOpensc();

describe('a PIV card that yubico-piv-tool writes', { skip }, () => {
  /** In the order in which CertProp reads them, and how yubico-piv-tool gets them. */
  const slots = [
    ['9A', 'RSA-2048', 'DER'],
    ['9C', 'P-256', 'DER'],
    ['9D', 'RSA-2048', 'GZIP'],
    ['9E', 'P-256', 'DER'],
    ['82', 'RSA-2048', 'GZIP'],
    ['83', 'P-256', 'DER'],
  ] as const;
  /** yubico-piv-tool 2.2 writes compressed certificates, but doesn't read them. */
  const isCompressed = (name: string): boolean =>
    slots.some(([slot, , format]) => slot === name && format === 'GZIP');
  const certificates = new Map<string, Uint8Array>();
  let pcscd: Pcscd;
  let reader: VirtualReader;
  let yubico: YubicoTool;
  let opensc: OpenscTool;
  let readers: SmartCardReaders;
  let inserted: InsertedCard;

  before(async () => {
    pcscd = await startPcscd();
    const [first] = pcscd.readers;
    assert.ok(first);
    reader = first;
    yubico = yubicoTool(pcscd, reader);
    opensc = openscTool(pcscd, reader);
    readers = pcscReaders();
    inserted = await insertCard(pivCard(newPivCard()), reader.port);
    const issuer = await makeIssuer('PIV Test Root');
    await succeed(yubico(['--action', 'set-chuid', '--action', 'set-ccc']));
    for (const [slot, key, format] of slots) {
      const user = { commonName: `User ${slot}`, upn: `${slot}@example.com`, key, purpose: 'Logon' } as const;
      const { certificate } = await issue(issuer, user);
      certificates.set(slot, certificate);
      await importCertificate(yubico, slot.toLowerCase(), certificate, format);
    }
  });
  after(async () => {
    await inserted.remove();
    await readers.close();
    await pcscd.stop();
  });

  async function read(): Promise<PivReading> {
    const reading = await readers.use(
      reader.readerName,
      (card) => readPiv(card),
      AbortSignal.timeout(30_000),
    );
    assert.ok(reading);
    return reading;
  }

  async function commandsOf(work: () => Promise<unknown>): Promise<number> {
    const before = inserted.commandCount;
    await work();
    return inserted.commandCount - before;
  }

  test('gives CertProp the same certificates in the same slots', async () => {
    const { files, cardId, serialNumber } = await read();
    assert.deepEqual(
      files.map((file) => 'slot' in file && [file.slot, file.certificate]),
      [...certificates],
    );
    assert.deepEqual([cardId, serialNumber], ['12345678', '12345678']);
  });

  test('gives yubico-piv-tool the serial number, certificates and fingerprints that CertProp has', async () => {
    const { files, serialNumber } = await read();
    const status = await succeed(yubico(['--action', 'status']));
    assert.match(status, new RegExp(`^Serial Number:\\s+${String(serialNumber)}$`, 'mu'));
    for (const file of files) {
      assert.ok(!('error' in file) && file.slot !== null);
      if (isCompressed(file.slot)) continue;
      const { fingerprint256, raw } = new X509Certificate(file.certificate);
      const fingerprint = fingerprint256.replaceAll(':', '').toLowerCase();
      const slot = file.slot.toLowerCase();
      assert.match(status, new RegExp(`^Slot ${slot}:[^]*?Fingerprint:\\s+${fingerprint}$`, 'mu'));
      const pem = await succeed(yubico(['--action', 'read-certificate', '--slot', slot]));
      assert.deepEqual(new X509Certificate(pem).raw, raw);
    }
  });

  test('gives pkcs15-tool the compressed certificate that CertProp has', async () => {
    const { files } = await read();
    const ours = files.find((file) => 'slot' in file && file.slot === '9D');
    assert.ok(ours && 'certificate' in ours);
    const pem = await succeed(opensc('pkcs15-tool', ['--read-certificate', '03']));
    assert.deepEqual(Uint8Array.from(new X509Certificate(pem).raw), ours.certificate);
  });

  test('gives pkcs11-tool the subjects that CertProp has; it misses the retired ones without a key history', async () => {
    const { files } = await read();
    const printed = await succeed(opensc('pkcs11-tool', ['--list-objects', '--type', 'cert']));
    const subjects = files.map(
      (file) => 'slot' in file && /CN=(User .*)/u.exec(new X509Certificate(file.certificate).subject)?.[1],
    );
    const listed = [...printed.matchAll(/CN=(User \w\w)$/gmu)].map(([, subject]) => subject);
    assert.deepEqual(listed.toSorted(), subjects.slice(0, 4).toSorted());
  });

  test('costs CertProp at most half of the APDUs of pkcs11-tool, with four certificates', async () => {
    await inserted.remove();
    const state = newPivCard();
    for (const slot of ['9A', '9C', '9D', '9E']) {
      putPivCertificate(state, slot, certificates.get(slot) ?? new Uint8Array());
    }
    inserted = await insertCard(pivCard(state), reader.port);
    const ours = await commandsOf(read);
    const theirs = await commandsOf(() =>
      succeed(opensc('pkcs11-tool', ['--list-objects', '--type', 'cert'])),
    );
    assert.ok(ours <= theirs / 2, `${String(ours)} of ${String(theirs)}`);
  });

  test('keeps its card id when the CHUID is written anew, as ykman does', async () => {
    const { cardId } = await read();
    await succeed(yubico(['--action', 'set-chuid']));
    assert.equal((await read()).cardId, cardId);
  });

  test('lets yubico-piv-tool verify the PIN, generate a key, and delete a certificate', async () => {
    await succeed(yubico(['--stdin-input', '--action', 'verify-pin'], '123456\n'));
    const wrong = await yubico(['--stdin-input', '--action', 'verify-pin'], '654321\n');
    assert.match(wrong.stderr, /2 tries left/u);
    const key = await succeed(yubico(['--action', 'generate', '--slot', '9c', '--algorithm', 'ECCP256']));
    assert.match(key, /BEGIN PUBLIC KEY/u);
    await succeed(yubico(['--action', 'delete-certificate', '--slot', '9c']));
    const { files } = await read();
    assert.deepEqual(
      files.map((file) => 'slot' in file && file.slot),
      ['9A', '9D', '9E'],
    );
  });
});
