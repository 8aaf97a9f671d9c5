/**
 * The main job from end to end: the cmdlets in real PowerShell, the built engine, real pcscd and vpcd, and a card that OpenSC's
 * gids-tool and pkcs15-init wrote. What is expected is what OpenSC and openssl say.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readCardImage } from '../../engine/virtual/card-image.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { insertCard, type InsertedCard } from '../../engine/virtual/vpcd.js';
import {
  cardId,
  cardPin,
  makeOpenscCard,
  openscTool,
  skipWithoutOpensc,
  succeed,
  type OpenscCard,
  type OpenscTool,
} from '../support/opensc.js';
import { skipWithoutPcscd, startPcscd, type Pcscd, type VirtualReader } from '../support/pcscd.js';
import { pwsh, pwshObjects, skipWithoutPwsh } from '../support/pwsh.js';

interface CardCertificate {
  readonly Thumbprint: string;
  readonly Subject: string;
  readonly ReaderName: string;
  readonly CardId: string;
  readonly Container: string;
  readonly KeySpec: string;
  readonly FileName: string;
  readonly RawData: string;
}

interface PropagationResult {
  readonly Thumbprint: string;
  readonly Action: string;
  readonly Reason: string;
  readonly Planned: boolean;
  readonly Provider: string | null;
  readonly Container: string | null;
}

interface CardCacheCounter {
  readonly ContainersFreshness: number;
  readonly FilesFreshness: number;
  readonly PreviousContainersFreshness: number;
  readonly PreviousFilesFreshness: number;
}

const skip = skipWithoutPcscd() || skipWithoutOpensc() || skipWithoutPwsh();
const giveAsPin = `$pin = ConvertTo-SecureString $env:TEST_PIN -AsPlainText -Force;`;

describe('the cmdlets on a card that OpenSC wrote', { skip }, () => {
  let pcscd: Pcscd;
  let reader: VirtualReader;
  let tool: OpenscTool;
  let card: OpenscCard;
  let inserted: InsertedCard;
  let storePath: string;

  before(async () => {
    pcscd = await startPcscd();
    const [first] = pcscd.readers;
    assert.ok(first);
    reader = first;
    tool = openscTool(pcscd, reader);
    card = await makeOpenscCard(pcscd, reader, 3);
    inserted = await insertCard(gidsCard(readCardImage(card.image)), reader.port);
    storePath = await mkdtemp(join(tmpdir(), 'certprop-store-'));
  });
  after(async () => {
    await inserted.remove();
    await pcscd.stop();
    await rm(storePath, { recursive: true });
  });

  const storeFolder = (): string => join(storePath, 'SystemCertificates', 'My', 'Certificates');
  const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({ ...pcscd.env, ...more });
  const propagate = (): Promise<readonly PropagationResult[]> =>
    pwshObjects<PropagationResult>(`Invoke-CertPropagation -StorePath '${storePath}'`, environment());

  /** cardcf as OpenSC reads it: GET DATA for DO DF22 in EF A010. */
  async function cardcf(): Promise<string> {
    const select = '00:A4:04:00:09:A0:00:00:03:97:42:54:46:59:00';
    const printed = await succeed(tool('opensc-tool', ['-s', select, '-s', '00:CB:A0:10:04:5C:02:DF:22:00']));
    const [, value] = /DF 22 06 ((?:[0-9A-F]{2} ){5}[0-9A-F]{2})/u.exec(printed) ?? [];
    assert.ok(value !== undefined, printed);
    return value;
  }

  test('Get-CardCertificate gives the certificates that pkcs15-tool reads, with container and key spec', async () => {
    const listed = await pwshObjects<CardCertificate>('Get-CardCertificate', environment());
    const readByOpensc = await Promise.all(
      card.certificates.map(async (_, index) => {
        const pem = await succeed(tool('pkcs15-tool', ['--read-certificate', `0${index}`]));
        return new X509Certificate(pem).raw.toString('base64');
      }),
    );
    assert.deepEqual(
      listed.map(({ RawData }) => RawData),
      readByOpensc,
    );
    assert.deepEqual(
      listed.map(({ Container, KeySpec, FileName }) => [Container, KeySpec, FileName]),
      card.certificates.map(({ label, keySpec, fileName }) => [label, keySpec, fileName]),
    );
    assert.deepEqual([...new Set(listed.map(({ ReaderName }) => ReaderName))], [reader.readerName]);
    assert.deepEqual([...new Set(listed.map(({ CardId }) => CardId))], [cardId]);
    const printed = await succeed(tool('pkcs15-tool', ['--list-certificates']));
    for (const { Container } of listed) assert.ok(printed.includes(Container), printed);
  });

  test('Invoke-CertPropagation -WhatIf says what would be done, gives the plan, and writes nothing', async () => {
    const script = `Invoke-CertPropagation -StorePath '${storePath}' -WhatIf | ForEach-Object { "$($_.Action) $($_.Planned)" }`;
    const { stdout } = await pwsh(script, environment());
    assert.equal(stdout.match(/^What if: .*"Add certificate".*in store My/gmu)?.length, 3, stdout);
    assert.equal(stdout.match(/^Added True$/gmu)?.length, 3, stdout);
    assert.deepEqual(await readdir(storePath), []);
  });

  test('Invoke-CertPropagation stores files that openssl reads, linked to the containers that OpenSC names', async () => {
    const results = await propagate();
    assert.deepEqual(
      results.map(({ Action, Reason }) => `${Action} ${Reason}`),
      ['Added NotInStore', 'Added NotInStore', 'Added NotInStore'],
    );
    const names = await readdir(storeFolder());
    assert.deepEqual(names.toSorted(), results.map(({ Thumbprint }) => Thumbprint).toSorted());
    for (const { label, certificate, keySpec } of card.certificates) {
      const thumbprint = new X509Certificate(certificate).fingerprint.replaceAll(':', '');
      const elements = readElements(await readFile(join(storeFolder(), thumbprint)));
      const openssl = spawnSync('openssl', ['x509', '-inform', 'DER', '-noout', '-fingerprint', '-sha1'], {
        input: elements.get(32),
        encoding: 'utf8',
      });
      assert.match(openssl.stdout.replaceAll(':', ''), new RegExp(`=${thumbprint}$`, 'mu'));
      assert.deepEqual(readKeyProvInfo(elements.get(2)), {
        container: label,
        provider: 'Microsoft Base Smart Card Crypto Provider',
        type: 1,
        keySpec: keySpec === 'Signature' ? 2 : 1,
      });
    }
  });

  test('propagating again reports Unchanged and leaves the files as they are', async () => {
    const times = async (): Promise<readonly number[]> =>
      Promise.all(
        (await readdir(storeFolder())).map(async (name) => (await stat(join(storeFolder(), name))).ctimeMs),
      );
    const before = await times();
    const results = await propagate();
    assert.deepEqual([...new Set(results.map(({ Action }) => Action))], ['Unchanged']);
    assert.deepEqual(await times(), before);
  });

  test('piped objects choose among the certificates, and each card is read once', async () => {
    const other = await mkdtemp(join(tmpdir(), 'certprop-store-'));
    const script = `Get-CardCertificate | Where-Object Container -ne 'User 1' | Invoke-CertPropagation -StorePath '${other}'`;
    const results = await pwshObjects<PropagationResult>(script, environment());
    assert.deepEqual(
      results.map(({ Container }) => Container),
      ['User 0', 'User 2'],
    );
    await rm(other, { recursive: true });
  });

  test('Set-CardCacheCounter writes what OpenSC reads back, and gives the previous values', async () => {
    const before = (await cardcf()).split(' ').map((byte) => parseInt(byte, 16));
    const script = `& { ${giveAsPin} Set-CardCacheCounter -Reader '${reader.readerName}' -Increment Container, File -Pin $pin }`;
    const [counter] = await pwshObjects<CardCacheCounter>(script, environment({ TEST_PIN: cardPin }));
    assert.ok(counter);
    const containers = (before[2] ?? 0) + 256 * (before[3] ?? 0);
    const files = (before[4] ?? 0) + 256 * (before[5] ?? 0);
    assert.deepEqual(
      [
        counter.PreviousContainersFreshness,
        counter.ContainersFreshness,
        counter.PreviousFilesFreshness,
        counter.FilesFreshness,
      ],
      [containers, containers + 1, files, files + 1],
    );
    const expected = [
      before[0] ?? 0,
      before[1] ?? 0,
      ...littleEndian(containers + 1),
      ...littleEndian(files + 1),
    ];
    assert.deepEqual(
      (await cardcf()).split(' ').map((byte) => parseInt(byte, 16)),
      expected,
    );
  });

  test('a wrong PIN is one try, says how many are left, is nowhere to be seen, and the card is reset', async () => {
    const resets = inserted.resetCount;
    const script = `${giveAsPin} Set-CardCacheCounter -Reader '${reader.readerName}' -Increment File -Pin $pin -Verbose -Debug`;
    const { stdout, stderr } = await pwsh(
      `${script}; $Error[0].FullyQualifiedErrorId`,
      environment({ TEST_PIN: '97531' }),
    );
    assert.match(stdout + stderr, /2 tries are left/u);
    assert.match(stdout, /WrongPin,Set-CardCacheCounter/u);
    assert.ok(!/97531|3937353331/u.test(stdout + stderr), 'the PIN is in the output');
    assert.ok(inserted.resetCount > resets, 'the card was not reset');
    const again = `& { ${giveAsPin} Set-CardCacheCounter -Reader '${reader.readerName}' -Increment File -Pin $pin }`;
    await pwshObjects<CardCacheCounter>(again, environment({ TEST_PIN: cardPin }));
  });

  test('Remove-PropagatedCertificate takes back what came from the card', async () => {
    const script = `Remove-PropagatedCertificate -Reader '${reader.readerName}' -StorePath '${storePath}' -Confirm:$false`;
    const results = await pwshObjects<PropagationResult>(script, environment());
    assert.deepEqual(
      results.map(({ Action, Reason }) => `${Action} ${Reason}`),
      ['Removed SmartCardKeyLink', 'Removed SmartCardKeyLink', 'Removed SmartCardKeyLink'],
    );
    assert.deepEqual(await readdir(storeFolder()), []);
  });

  test('another card in the reader is an error that names both, and nothing is written', async () => {
    const script = `
      $listed = Get-CardCertificate | ForEach-Object { $_.CardId = 'FF' * 16; $_ }
      $listed | Invoke-CertPropagation -StorePath '${storePath}' -ErrorVariable problems -ErrorAction SilentlyContinue
      $problems | ForEach-Object { "$($_.FullyQualifiedErrorId): $_" }`;
    const { stdout } = await pwsh(script, environment());
    assert.match(
      stdout,
      new RegExp(`^CardChanged,Invoke-CertPropagation: .*${'FF'.repeat(16)}.*${cardId}`, 'mu'),
    );
    assert.deepEqual(await readdir(storeFolder()), []);
  });

  test('an unknown reader is an error that lists the readers there are', async () => {
    const { stdout } = await pwsh(
      "Get-CardCertificate -Reader 'Nobody 00' -ErrorAction SilentlyContinue; $Error[0].ToString(); $Error[0].TargetObject",
      environment(),
    );
    assert.match(stdout, /Nobody 00.*Virtual A 00 00.*Virtual A 00 01/u);
  });

  test('a card pulled while it is read is an error of its own; the next command works on the next card', async () => {
    inserted.pullAtCommand(6);
    const pulled = await pwsh(
      `Get-CardCertificate -Reader '${reader.readerName}' -ErrorAction SilentlyContinue; $Error[0].FullyQualifiedErrorId`,
      environment(),
    );
    assert.match(pulled.stdout, /^CardRemoved,Get-CardCertificate$/mu);
    await inserted.removed;
    inserted = await insertCard(gidsCard(readCardImage(card.image)), reader.port);
    assert.equal((await pwshObjects('Get-CardCertificate', environment())).length, 3);
  });
});

/** The serialized element as its specification has it, read without the product's code. */
function readElements(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const elements = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at + 8);
    assert.equal(bytes.readUInt32LE(at + 4), 1);
    elements.set(bytes.readUInt32LE(at), bytes.subarray(at + 12, at + 12 + length));
    at += 12 + length;
  }
  return elements;
}

function readKeyProvInfo(bytes: Buffer | undefined): unknown {
  assert.ok(bytes);
  const text = (offset: number): string => bytes.toString('utf16le', offset).split('\0')[0] ?? '';
  return {
    container: text(bytes.readUInt32LE(0)),
    provider: text(bytes.readUInt32LE(4)),
    type: bytes.readUInt32LE(8),
    keySpec: bytes.readUInt32LE(24),
  };
}

function littleEndian(counter: number): readonly [number, number] {
  return [counter & 0xff, counter >> 8];
}
