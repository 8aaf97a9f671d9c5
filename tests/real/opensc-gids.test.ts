import assert from 'node:assert/strict';
import { KeyObject, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readCardImage } from '../../engine/virtual/card-image.js';
import { blankCard } from '../../engine/virtual/card-state.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { getFile } from '../../engine/virtual/personalization.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { issue, makeIssuer } from '../../engine/virtual/sample-certificates.js';
import { insertCard, type InsertedCard } from '../../engine/virtual/vpcd.js';
import {
  adminKey,
  cardId,
  cardPin,
  initialize,
  makeOpenscCard,
  openscTool,
  storeCertificate,
  succeed,
  type OpenscTool,
  skipWithoutOpensc,
} from '../support/opensc.js';
import { skipWithoutPcscd, startPcscd, type Pcscd, type VirtualReader } from '../support/pcscd.js';

const skip = skipWithoutPcscd() || skipWithoutOpensc();

describe('OpenSC through pcscd and vpcd', { skip }, () => {
  let pcscd: Pcscd;
  let reader: VirtualReader;
  let tool: OpenscTool;

  before(async () => {
    pcscd = await startPcscd();
    const [first] = pcscd.readers;
    assert.ok(first);
    reader = first;
    tool = openscTool(pcscd, reader);
  });
  after(() => pcscd.stop());

  async function withCard(
    card: Parameters<typeof insertCard>[0],
    work: (inserted: InsertedCard) => Promise<void>,
  ) {
    const inserted = await insertCard(card, reader.port);
    try {
      await work(inserted);
    } finally {
      await inserted.remove();
    }
  }

  async function withInitializedCard(work: (inserted: InsertedCard) => Promise<void>) {
    await withCard(gidsCard(blankCard()), async (inserted) => {
      await initialize(tool);
      await work(inserted);
    });
  }

  async function readCertificate(id: string): Promise<Buffer> {
    return new X509Certificate(await succeed(tool('pkcs15-tool', ['--read-certificate', id]))).raw;
  }

  test('recognizes the card as GIDS', async () => {
    await withCard(gidsCard(blankCard()), async () => {
      assert.match(await succeed(tool('opensc-tool', ['--name'])), /GIDS/i);
    });
  });

  test('gids-tool initializes a blank card and finds its files', async () => {
    await withInitializedCard(async () => {
      const dump = await succeed(tool('gids-tool', []));
      assert.match(dump, /Found 5 entries in the masterfile/);
      assert.match(
        dump,
        /File: mscp\\cmapfile\s+FileIdentifier: 0xa010\s+DataObjectIdentifier: 0xdf23\s+Size: 0/,
      );
      const serial = await succeed(tool('opensc-tool', ['--serial']));
      assert.equal(/(?:[0-9A-F]{2} ){16}/.exec(serial)?.[0].replaceAll(' ', ''), cardId);
    });
  });

  test('the PIN is verified, counted down, changed and unblocked', async () => {
    await withInitializedCard(async () => {
      const verify = (pin: string) =>
        tool('pkcs15-tool', ['--verify-pin', '--auth-id', '80', '--pin', 'env:PIN'], { PIN: pin });
      const tries = async () =>
        /Tries left\s*: (\d)/.exec(await succeed(tool('pkcs15-tool', ['--list-pins'])))?.[1];

      assert.equal((await verify(cardPin)).exitCode, 0);
      assert.notEqual((await verify('000000')).exitCode, 0);
      assert.equal(await tries(), '2');

      const change = ['--change-pin', '--auth-id', '80', '--pin', 'env:PIN', '--new-pin', 'env:NEW'];
      await succeed(tool('pkcs15-tool', change, { PIN: cardPin, NEW: '8765' }));
      assert.equal(await tries(), '3');
      assert.equal((await verify('8765')).exitCode, 0);
      const again = ['--login', '--pin', 'env:PIN', '--change-pin', '--new-pin', 'env:NEW'];
      await succeed(tool('pkcs11-tool', again, { PIN: '8765', NEW: '1111' }));

      for (const expected of ['2', '1', '0']) {
        assert.notEqual((await verify('000000')).exitCode, 0);
        assert.equal(await tries(), expected);
      }
      assert.notEqual((await verify('1111')).exitCode, 0, 'blocked even for the right PIN');
      const unblock = ['--unblock', '--admin-key', 'env:KEY', '--pin', 'env:PIN'];
      await succeed(tool('gids-tool', unblock, { KEY: adminKey, PIN: '2222' }));
      assert.equal((await verify('2222')).exitCode, 0);
    });
  });

  test('the administrator key is changed; the old one is refused then', async () => {
    await withInitializedCard(async () => {
      const newKey = '11'.repeat(24);
      const change = ['--change-admin-key', '--admin-key', 'env:KEY', '--new-admin-key', 'env:NEW'];
      await succeed(tool('gids-tool', change, { KEY: adminKey, NEW: newKey }));
      const unblock = (key: string) =>
        tool('gids-tool', ['--unblock', '--admin-key', 'env:KEY', '--pin', 'env:PIN'], {
          KEY: key,
          PIN: '2222',
        });
      assert.notEqual((await unblock(adminKey)).exitCode, 0);
      assert.equal((await unblock(newKey)).exitCode, 0);
    });
  });

  test('pkcs15-init generates a key on the card', async () => {
    await withInitializedCard(async () => {
      const key = ['--generate-key', 'rsa/2048', '--label', 'Generated', '--key-usage', 'sign'];
      await succeed(
        tool('pkcs15-init', [...key, '--verify-pin', '--auth-id', '80', '--pin', 'env:PIN'], {
          PIN: cardPin,
        }),
      );
      const publicKey = await succeed(tool('pkcs15-tool', ['--read-public-key', '00']));
      assert.match(publicKey, /-----BEGIN PUBLIC KEY-----/);
    });
  });

  test('pkcs11-tool writes a certificate beside its key', async () => {
    await withInitializedCard(async () => {
      const issuer = await makeIssuer('Root');
      const user = {
        commonName: 'User',
        upn: 'user@example.com',
        key: 'RSA-2048',
        purpose: 'Logon',
      } as const;
      const first = await issue(issuer, user);
      const privateKey = KeyObject.from(first.privateKey);
      await storeCertificate(tool, 0, { label: 'User', keySpec: 'KeyExchange' }, { ...first, privateKey });
      const key = [
        '--generate-key',
        'rsa/2048',
        '--id',
        '01',
        '--label',
        'Second',
        '--key-usage',
        'sign,decrypt',
      ];
      const pin = ['--verify-pin', '--auth-id', '80', '--pin', 'env:PIN'];
      await succeed(tool('pkcs15-init', [...key, ...pin], { PIN: cardPin }));
      const folder = await mkdtemp(join(tmpdir(), 'opensc-'));
      const path = join(folder, 'certificate.der');
      const { certificate } = await issue(issuer, user);
      await writeFile(path, certificate);
      const write = ['--login', '--pin', 'env:PIN', '--write-object', path, '--type', 'cert', '--id', '01'];
      await succeed(tool('pkcs11-tool', [...write, '--label', 'Second'], { PIN: cardPin }));
      assert.deepEqual(await readCertificate('01'), Buffer.from(certificate));
      await rm(folder, { recursive: true });
    });
  });

  test('a card that OpenSC wrote is listed and read back byte for byte, from its image too', async () => {
    const { image, certificates } = await makeOpenscCard(pcscd, reader, 3);
    await withCard(gidsCard(readCardImage(image)), async () => {
      const list = await succeed(tool('pkcs15-tool', ['--list-certificates']));
      assert.deepEqual(list.match(/(?<=X\.509 Certificate \[)[^\]]+/g), ['User 0', 'User 1', 'User 2']);
      for (const [index, { certificate }] of certificates.entries()) {
        assert.deepEqual(await readCertificate(`0${index}`), Buffer.from(certificate));
      }
      assert.deepEqual(
        certificates.map(({ fileName }) => fileName),
        ['kxc00', 'kxc01', 'ksc02'],
      );
    });
    const state = readCardImage(image);
    for (const { fileName } of certificates) assert.ok(getFile(state, { directory: 'mscp', name: fileName }));
  });

  test('reads the sample card', async () => {
    const { state, certificates } = await makeSampleCard();
    await withCard(gidsCard(state), async () => {
      for (const [index, certificate] of [...certificates.values()].entries()) {
        assert.deepEqual(await readCertificate(`0${index}`), Buffer.from(certificate));
      }
      assert.match(await succeed(tool('gids-tool', [])), /File: mscp\\msroots/);
    });
  });

  test('works the same with extended length announced', async () => {
    await withCard(gidsCard(blankCard({ extendedLength: true })), async () => {
      await initialize(tool);
      assert.match(await succeed(tool('gids-tool', [])), /Found 5 entries/);
    });
  });

  test('counts the commands of a client, and slows each down', async () => {
    const { state } = await makeSampleCard();
    const inserted = await insertCard(gidsCard(state), reader.port, { delay: 1 });
    await succeed(tool('pkcs15-tool', ['--list-certificates']));
    assert.ok(inserted.commandCount > 10, `${inserted.commandCount} commands`);
    assert.ok(inserted.resetCount > 0);
    await inserted.remove();
  });

  test('a card that is pulled in the middle of a command is gone for the client', async () => {
    const { state } = await makeSampleCard();
    const inserted = await insertCard(gidsCard(state), reader.port);
    inserted.pullAtCommand(20);
    const { exitCode } = await tool('pkcs15-tool', ['--read-certificate', '00']);
    await inserted.removed;
    assert.notEqual(exitCode, 0);
  });
});
