/** Modules of other makers, and the same tokens as `pkcs11-tool` shows them. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { root } from '../../build/root.js';
import { readPkcs11 } from '../../engine/pkcs11/pkcs11.js';
import { readCardImage } from '../../engine/virtual/card-image.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { insertCard } from '../../engine/virtual/vpcd.js';
import { makeOpenscCard, type OpenscCard, skipWithoutOpensc } from '../support/opensc.js';
import { type Pcscd, skipWithoutPcscd, startPcscd, type VirtualReader } from '../support/pcscd.js';
import { requirePart } from '../support/require.js';

const helper = join(root, 'out', 'engine', 'helper.js');
const never = new AbortController().signal;
const softhsm = '/usr/lib/softhsm/libsofthsm2.so';
const opensc = readdirSync('/usr/lib')
  .map((folder) => join('/usr/lib', folder, 'opensc-pkcs11.so'))
  .find((path) => existsSync(path));

interface Listed {
  readonly label: string;
  readonly id: string;
  readonly certificate: Uint8Array;
}

async function pkcs11Tool(modulePath: string, options: readonly string[]): Promise<string> {
  const child = spawn('pkcs11-tool', ['--module', modulePath, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (child.exitCode !== 0)
    throw new Error(`pkcs11-tool ended with ${String(child.exitCode)}: ${stderr || stdout}`);
  return stdout;
}

/** The certificates as pkcs11-tool lists and reads them, without a login, in the order of their ids. */
async function listed(modulePath: string, token: readonly string[]): Promise<Listed[]> {
  const folder = await mkdtemp(join(tmpdir(), 'listed-'));
  const path = join(folder, 'certificate.der');
  const found: Listed[] = [];
  const list = await pkcs11Tool(modulePath, [...token, '--list-objects', '--type', 'cert']);
  for (const part of list.split('Certificate Object; type = X.509 cert\n').slice(1)) {
    const label = /^ {2}label: +(.*)$/m.exec(part)?.[1] ?? '';
    const id = /^ {2}ID: +(.*)$/m.exec(part)?.[1] ?? '';
    await pkcs11Tool(modulePath, [
      ...token,
      '--read-object',
      '--type',
      'cert',
      '--id',
      id,
      '--output-file',
      path,
    ]);
    found.push({ label, id: id.toUpperCase(), certificate: new Uint8Array(await readFile(path)) });
  }
  await rm(folder, { recursive: true });
  return found.sort(byId);
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}

const skipSofthsm =
  skipWithoutOpensc() || requirePart('softhsm', existsSync(softhsm), 'apt-get install softhsm2');

describe('SoftHSM 2', { skip: skipSofthsm }, () => {
  const home = process.env.HOME;
  const login = ['--token-label', 'My token', '--login', '--pin', '123456'];
  let folder = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'softhsm-'));
    const settings = join(folder, '.config', 'softhsm2');
    await mkdir(settings, { recursive: true });
    await mkdir(join(folder, 'tokens'));
    await writeFile(join(settings, 'softhsm2.conf'), `directories.tokendir = ${folder}/tokens\n`);
    process.env.HOME = folder;
    for (const label of ['My token', 'Other token']) {
      const options = ['--init-token', '--free', '--label', label, '--so-pin', '12345678', '--pin', '123456'];
      assert.equal(spawnSync('softhsm2-util', options).status, 0);
    }
    const fixtures = join(root, 'tests', 'fixtures', 'certificates');
    for (const [id, label, name] of [
      ['0a', 'Jane', 'user-rsa.der'],
      ['0b', 'Mit Umlaut: ü', 'user-ec.der'],
      ['0c0d', '', 'bmp-name.der'],
    ] as const) {
      const named = label === '' ? [] : ['--label', label];
      const object = ['--type', 'cert', '--id', id, ...named, '--write-object', join(fixtures, name)];
      await pkcs11Tool(softhsm, [...login, ...object]);
    }
    await pkcs11Tool(softhsm, [...login, '--keypairgen', '--key-type', 'EC:prime256v1', '--id', '0b']);
    await writePrivateKey('0a', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
  });
  after(async () => {
    process.env.HOME = home;
    await rm(folder, { recursive: true });
  });

  async function writePrivateKey(id: string, key: KeyObject): Promise<void> {
    const path = join(folder, 'key.der');
    await writeFile(path, key.export({ type: 'pkcs1', format: 'der' }));
    await pkcs11Tool(softhsm, [...login, '--write-object', path, '--type', 'privkey', '--id', id]);
  }

  test('gives the certificates that pkcs11-tool shows, byte for byte, and its blank token is no problem', async () => {
    const { tokens, failure } = await readPkcs11(softhsm, never, { helper });
    assert.equal(failure, null);
    assert.deepEqual(
      tokens.map(({ label, manufacturer, problems }) => ({ label, manufacturer, problems })).sort(byLabel),
      ['', 'My token', 'Other token'].map((label) => ({
        label,
        manufacturer: 'SoftHSM project',
        problems: [],
      })),
    );
    const mine = tokens.find(({ label }) => label === 'My token');
    assert.match(mine?.serialNumber ?? '', /^[0-9a-f]{16}$/);
    const certificates = mine?.certificates.map(({ hasKey: _, ...certificate }) => certificate);
    const expected = await listed(softhsm, ['--token-label', 'My token']);
    assert.equal(expected.length, 3);
    assert.deepEqual(certificates?.sort(byId), expected);
  });

  test('shows a public key without a login, and hides a private one', async () => {
    const { tokens } = await readPkcs11(softhsm, never, { helper });
    const certificates = tokens.flatMap((token) => token.certificates).sort(byId);
    assert.deepEqual(
      certificates.map(({ id, hasKey }) => ({ id, hasKey })),
      [
        { id: '0A', hasKey: false },
        { id: '0B', hasKey: true },
        { id: '0C0D', hasKey: false },
      ],
    );
  });
});

function byLabel(a: { readonly label: string }, b: { readonly label: string }): number {
  return a.label < b.label ? -1 : 1;
}

const skipOpensc =
  skipWithoutPcscd() ||
  skipWithoutOpensc() ||
  requirePart('opensc', opensc !== undefined, 'apt-get install opensc-pkcs11');

describe('OpenSC’s module, with cards that OpenSC has written', { skip: skipOpensc }, () => {
  const modulePath = opensc ?? '';
  let pcscd: Pcscd;
  let reader: VirtualReader;
  let card: OpenscCard;

  before(async () => {
    pcscd = await startPcscd(4);
    const [first] = pcscd.readers;
    assert.ok(first);
    reader = first;
    card = await makeOpenscCard(pcscd, reader, 3);
  });
  after(() => pcscd.stop());

  test('gives the certificates that pkcs11-tool shows, byte for byte, with their keys', async () => {
    const inserted = await insertCard(gidsCard(readCardImage(card.image)), reader.port);
    const { tokens, failure } = await readPkcs11(modulePath, never, { helper });
    assert.equal(failure, null);
    const [token] = tokens;
    assert.equal(tokens.length, 1);
    assert.equal(token?.slotDescription, reader.readerName);
    const certificates = token.certificates.map(({ hasKey: _, ...certificate }) => certificate);
    assert.deepEqual(certificates.sort(byId), await listed(modulePath, ['--slot-index', '0']));
    assert.deepEqual(
      certificates.map(({ certificate }) => certificate),
      card.certificates.map(({ certificate }) => new Uint8Array(certificate)),
    );
    assert.ok(token.certificates.every(({ hasKey }) => hasKey));
    await inserted.remove();
  });

  test('asks the card no more often than pkcs11-tool does for a token by its label', async () => {
    const { commands: own, result } = await counting(() => readPkcs11(modulePath, never, { helper }));
    const options = ['--token-label', result.tokens[0]?.label ?? '', '--list-objects', '--type', 'cert'];
    const { commands: tool } = await counting(() => pkcs11Tool(modulePath, options));
    assert.ok(own > 0 && own <= tool, `${own} commands, pkcs11-tool ${tool}`);
  });

  /** How many commands the card gets, newly inserted. */
  async function counting<T>(read: () => Promise<T>): Promise<{ commands: number; result: T }> {
    const inserted = await insertCard(gidsCard(readCardImage(card.image)), reader.port);
    const result = await read();
    const commands = inserted.commandCount;
    await inserted.remove();
    return { commands, result };
  }

  test('gives the cards of all readers', async () => {
    const inserted = await Promise.all(
      pcscd.readers.map(({ port }) => insertCard(gidsCard(readCardImage(card.image)), port)),
    );
    const { tokens, failure } = await readPkcs11(modulePath, never, { helper });
    assert.equal(failure, null);
    assert.deepEqual(
      tokens.map(({ slotDescription, certificates }) => [slotDescription, certificates.length]),
      pcscd.readers.map(({ readerName }) => [readerName, 3]),
    );
    await Promise.all(inserted.map((one) => one.remove()));
  });

  test('gives no token and no problem without a card', async () => {
    assert.deepEqual(await readPkcs11(modulePath, never, { helper }), { tokens: [], failure: null });
  });

  test('gives the other cards’ certificates when some are pulled out in the middle', async () => {
    const inserted = await Promise.all(
      pcscd.readers.map(({ port }) => insertCard(gidsCard(readCardImage(card.image)), port)),
    );
    for (const [index, command] of [3, 20, 45].entries()) inserted[index + 1]?.pullAtCommand(command);
    const { tokens, failure } = await readPkcs11(modulePath, never, { helper });
    await Promise.all(inserted.slice(1).map(({ removed }) => removed));
    assert.equal(failure, null);
    const whole = tokens.filter(({ certificates }) => certificates.length === 3);
    assert.deepEqual(
      whole.map(({ slotDescription, problems }) => ({ slotDescription, problems })),
      [{ slotDescription: reader.readerName, problems: [] }],
    );
    await inserted[0]?.remove();
  });
});
