/**
 * Certificates put on cards and taken off by the cmdlets in real PowerShell, through real pcscd and vpcd. What is on the card is what
 * OpenSC and Yubico's tool say; a second machine is a new engine with a new store.
 */
import assert from 'node:assert/strict';
import { KeyObject, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readCertificate } from '../../engine/certificate/x509.js';
import { pcscReaders } from '../../engine/pcsc/pcsc.js';
import type { CardChangeRequest } from '../../engine/propagation/card-change.js';
import { changeCard } from '../../engine/propagation/change-card.js';
import { readCardImage, writeCardImage } from '../../engine/virtual/card-image.js';
import { blankCard, type CardState } from '../../engine/virtual/card-state.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { publicKeyValue } from '../../engine/virtual/keys.js';
import { pivCard } from '../../engine/virtual/piv-card.js';
import { newPivCard } from '../../engine/virtual/piv-state.js';
import { issue, makeIssuer, type IssuedCertificate } from '../../engine/virtual/sample-certificates.js';
import { insertCard } from '../../engine/virtual/vpcd.js';
import {
  cardPin,
  initialize,
  openscTool,
  skipWithoutOpensc,
  succeed,
  type OpenscTool,
} from '../support/opensc.js';
import { skipWithoutPcscd, startPcscd, type Pcscd, type VirtualReader } from '../support/pcscd.js';
import { pwsh, pwshObjects, skipWithoutPwsh } from '../support/pwsh.js';
import { skipWithoutYubico, yubicoTool } from '../support/yubico.js';

const skip = skipWithoutPcscd() || skipWithoutOpensc() || skipWithoutPwsh() || skipWithoutYubico();
const giveAsPin = `$pin = ConvertTo-SecureString $env:TEST_PIN -AsPlainText -Force;`;

interface Result {
  readonly Action: string;
  readonly Thumbprint: string;
  readonly Container: string | null;
  readonly FileName: string;
  readonly Slot: string | null;
  readonly BackupPath: string | null;
  readonly PropagationAction: string | null;
}

describe('the certificates on a card', { skip }, () => {
  let pcscd: Pcscd;
  let reader: VirtualReader;
  let tool: OpenscTool;
  let folder: string;
  let certificatePath: string;
  let issued: IssuedCertificate;

  before(async () => {
    pcscd = await startPcscd();
    const [first] = pcscd.readers;
    assert.ok(first);
    reader = first;
    tool = openscTool(pcscd, reader);
    folder = await mkdtemp(join(tmpdir(), 'certprop-change-'));
    certificatePath = join(folder, 'user.cer');
    const user = { commonName: 'Ada', upn: 'ada@example.com', key: 'RSA-2048', purpose: 'Logon' } as const;
    issued = await issue(await makeIssuer('Change Root'), user);
    await writeFile(certificatePath, issued.certificate);
  });
  after(async () => {
    await pcscd.stop();
    await rm(folder, { recursive: true });
  });

  const environment = (): NodeJS.ProcessEnv => ({ ...pcscd.env, TEST_PIN: cardPin });
  const run = (script: string): Promise<readonly Result[]> =>
    pwshObjects<Result>(`& { ${giveAsPin} ${script} }`, environment());
  const thumbprint = (): string => new X509Certificate(issued.certificate).fingerprint.replaceAll(':', '');
  const readByOpensc = async (id: string): Promise<Uint8Array> =>
    Uint8Array.from(new X509Certificate(await succeed(tool('pkcs15-tool', ['--read-certificate', id]))).raw);

  /** gids-tool initializes it, and pkcs15-init puts a private key on it, without its certificate. */
  async function cardWithKey(): Promise<CardState> {
    const card = gidsCard(blankCard());
    const inserted = await insertCard(card, reader.port);
    await initialize(tool);
    const keyPath = join(folder, 'key.pem');
    await writeFile(keyPath, KeyObject.from(issued.privateKey).export({ type: 'pkcs8', format: 'pem' }));
    const key = [
      '--store-private-key',
      keyPath,
      '--key-usage',
      'sign,decrypt',
      '--id',
      '00',
      '--label',
      'Ada',
    ];
    const opening = ['--verify-pin', '--auth-id', '80', '--pin', 'env:PIN'];
    await succeed(tool('pkcs15-init', [...key, ...opening], { PIN: cardPin }));
    await inserted.remove();
    return card.state;
  }

  test('comes beside a key that OpenSC made; OpenSC reads it, and a second machine links it', async () => {
    const inserted = await insertCard(gidsCard(await cardWithKey()), reader.port);
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    const opened = `-Reader '${reader.readerName}' -Pin $pin`;
    const [added] = await run(
      `Add-CardCertificate ${opened} -Path '${certificatePath}' -StorePath '${first}'`,
    );
    assert.ok(added);
    assert.deepEqual([added.Action, added.FileName, added.PropagationAction], ['Added', 'kxc00', 'Added']);
    assert.ok(added.Container !== null);
    assert.deepEqual(await readByOpensc('00'), Uint8Array.from(issued.certificate));
    assert.match(await succeed(tool('gids-tool', [])), /File: mscp\\kxc00/u);

    const [elsewhere] = await run(`Invoke-CertPropagation -StorePath '${second}'`);
    assert.deepEqual(
      [elsewhere?.Action, elsewhere?.Thumbprint, elsewhere?.Container],
      ['Added', thumbprint(), added.Container],
    );

    const backups = join(folder, 'backups');
    const removal = `Remove-CardCertificate ${opened} -Thumbprint ${thumbprint()} -BackupPath '${backups}'`;
    const [removed] = await run(`${removal} -Confirm:$false`);
    assert.equal(removed?.Action, 'Removed');
    assert.deepEqual(await readFile(removed.BackupPath ?? ''), Buffer.from(issued.certificate));
    assert.doesNotMatch(
      await succeed(tool('pkcs15-tool', ['--list-certificates'])),
      /X\.509 Certificate \[/u,
    );
    assert.match(await succeed(tool('pkcs15-tool', ['--list-keys'])), /Private RSA Key/u);
    await inserted.remove();
  });

  test('comes whole at last, wherever the card is pulled out of the reader', async () => {
    const readers = pcscReaders();
    /** pcscd looks at a reader now and then: a card that is inserted before that is taken for the one that was pulled. */
    const untilEmpty = async () => {
      const isEmpty = async () =>
        (await readers.list()).some(
          ({ readerName, status }) => readerName === reader.readerName && status === 'Empty',
        );
      while (!(await isEmpty()));
    };
    const info = await readCertificate(issued.certificate);
    const target = { kind: 'Key', container: null, keySpec: null, force: false } as const;
    const request: CardChangeRequest = { kind: 'Add', certificate: issued.certificate, info, target };
    const keep = (): Promise<string> => Promise.reject(new Error('nothing is lost'));
    const add = () =>
      readers.use(
        reader.readerName,
        (connection) => {
          const credential = { kind: 'Pin', bytes: Buffer.from(cardPin) } as const;
          return changeCard(connection, null, request, { credential, keep });
        },
        AbortSignal.timeout(30_000),
      );
    const image = writeCardImage(await cardWithKey());
    const whole = await insertCard(gidsCard(readCardImage(image)), reader.port);
    await add();
    const count = whole.commandCount;
    await whole.remove();
    for (const behind of [16, 14, 12, 10, 8, 2]) {
      const card = gidsCard(readCardImage(image));
      const inserted = await insertCard(card, reader.port);
      inserted.pullAtCommand(count - behind);
      await assert.rejects(add(), { id: 'CardRemoved' });
      await inserted.removed;
      await untilEmpty();
      const again = await insertCard(card, reader.port);
      await add();
      assert.deepEqual(await readByOpensc('00'), Uint8Array.from(issued.certificate));
      await again.remove();
    }
    await readers.close();
  });

  test('comes into the slot of a PIV card whose key it has; the tools read it, and it goes again', async () => {
    const publicKeys = new Map([['9C', publicKeyValue(KeyObject.from(issued.publicKey))]]);
    const state = newPivCard({ publicKeys });
    const inserted = await insertCard(pivCard(state), reader.port);
    const keyPath = join(folder, 'management.txt');
    await writeFile(keyPath, '010203040506070801020304050607080102030405060708\n', { mode: 0o600 });
    const opened = `-Reader '${reader.readerName}' -ManagementKeyPath '${keyPath}'`;
    const store = join(folder, 'piv');
    const [added] = await run(
      `Add-CardCertificate ${opened} -Path '${certificatePath}' -StorePath '${store}'`,
    );
    assert.deepEqual([added?.Action, added?.Slot, added?.PropagationAction], ['Added', '9C', 'Added']);
    const yubico = yubicoTool(pcscd, reader);
    const pem = await succeed(yubico(['--action', 'read-certificate', '--slot', '9c']));
    assert.deepEqual(new X509Certificate(pem).raw, Buffer.from(issued.certificate));
    assert.deepEqual(await readByOpensc('02'), Uint8Array.from(issued.certificate));

    const removal = `Remove-CardCertificate ${opened} -Thumbprint ${thumbprint()} -BackupPath '${join(folder, 'backups')}'`;
    const [removed] = await run(`${removal} -Confirm:$false`);
    assert.equal(removed?.Action, 'Removed');
    assert.doesNotMatch(await succeed(yubico(['--action', 'status'])), /Slot 9c/u);
    assert.deepEqual(state.objects.size, 0);

    await writeFile(keyPath, '00'.repeat(24));
    const { stdout } = await pwsh(
      `Add-CardCertificate ${opened} -Path '${certificatePath}' -ErrorAction SilentlyContinue; $Error[0].FullyQualifiedErrorId`,
      environment(),
    );
    assert.match(stdout, /WrongManagementKey,Add-CardCertificate/u);
    await inserted.remove();
  });

  test('has no counters on a PIV card, and Set-CardCacheCounter says so', async () => {
    const inserted = await insertCard(pivCard(newPivCard()), reader.port);
    const script = `${giveAsPin} Set-CardCacheCounter -Reader '${reader.readerName}' -Increment File -Pin $pin -ErrorAction SilentlyContinue`;
    const { stdout } = await pwsh(
      `${script}; $Error[0].FullyQualifiedErrorId; "$($Error[0])"`,
      environment(),
    );
    assert.match(stdout, /CardWithoutCounters,Set-CardCacheCounter/u);
    assert.match(stdout, /has none/u);
    await inserted.remove();
  });
});
