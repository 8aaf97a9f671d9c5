import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import type { CardApplication } from '../../engine/card/application.js';
import type { CardCertificateFile, UnreadableFile } from '../../engine/card/card.js';
import { openPkcs15, openPkcs15ByName } from '../../engine/card/pkcs15.js';
import { collect } from '../support/collect.js';
import { fileContent, imageCard, loadImage, type Behavior, type Image } from './pkcs15-image.js';
import { fromHex, testCard, type TestCard } from './scripted-card.js';

const isoApplet = loadImage('isoapplet');
const myEid = loadImage('myeid');
const isoAppletBehavior: Behavior = { start: '', hidden: true };
const myEidBehavior: Behavior = { start: '5015' };

async function open(card: TestCard): Promise<CardApplication> {
  const application = await openPkcs15(card);
  assert.ok(application);
  return application;
}

async function certificatesOf(application: CardApplication): Promise<CardCertificateFile[]> {
  return usable(await collect(application.certificates({ allSlots: false })));
}

function usable(files: readonly (CardCertificateFile | UnreadableFile)[]): CardCertificateFile[] {
  return files.map((file) => {
    if ('error' in file) throw file.error;
    return file;
  });
}

const subjectOf = ({ certificate }: CardCertificateFile) =>
  new X509Certificate(certificate).subject.split('\n').at(-1);

describe('a card that OpenSC wrote with myeid.profile', () => {
  test('is known by serial number and manufacturer of its TokenInfo', async () => {
    const { family, cardId, label, serialNumber } = await open(imageCard(myEid, myEidBehavior));
    assert.equal(family, 'PKCS15');
    assert.equal(cardId, '00000000000000000001-AVENTRA_LTD');
    assert.equal(serialNumber, '00000000000000000001');
    assert.equal(label, 'My EID');
  });

  test('gives the certificates of its keys, byte for byte, with the ids, labels and usages that OpenSC lists', async () => {
    const files = await certificatesOf(await open(imageCard(myEid, myEidBehavior)));
    assert.deepEqual(
      files.map(({ fileName, label, slot, key, keySpec }) => [fileName, label, slot, key, keySpec]),
      [
        ['50154301', 'User 0', '00', 'Unnamed', 'KeyExchange'],
        ['50154302', 'User 1', '01', 'Unnamed', 'KeyExchange'],
        ['50154304', 'User 2', '02', 'Unnamed', 'Signature'],
      ],
    );
    for (const file of files) {
      assert.deepEqual(Buffer.from(file.certificate), fileContent(myEid, file.fileName));
      assert.equal(file.container, null);
      assert.equal(file.isRoot, false);
    }
  });

  test("gives the authority's certificate as a root only", async () => {
    const roots = usable(await collect((await open(imageCard(myEid, myEidBehavior))).roots()));
    assert.deepEqual(
      roots.map(({ fileName, label, slot, key, keySpec, isRoot }) => [
        fileName,
        label,
        slot,
        key,
        keySpec,
        isRoot,
      ]),
      [['50154303', 'Root', null, 'None', null, true]],
    );
  });

  test('gives the public key beside each private one, as the certificate has it', async () => {
    const application = await open(imageCard(myEid, myEidBehavior));
    for (const file of await certificatesOf(application)) {
      const key = await application.publicKey(file);
      assert.equal(key?.kind, 'RSA');
      const { n, e } = new X509Certificate(file.certificate).publicKey.export({ format: 'jwk' });
      assert.equal(Buffer.from(key.modulus).toString('base64url'), n);
      assert.equal(Buffer.from(key.exponent).toString('base64url'), e);
    }
  });

  test('is read in 27 commands, none of them twice', async () => {
    const card = imageCard(myEid, myEidBehavior);
    const files = await certificatesOf(await open(card));
    assert.equal(files.length, 3);
    assert.equal(card.commands.length, 27);
    const selections = card.commands.filter((command) => command.startsWith('00A4'));
    assert.equal(new Set(selections).size, selections.length);
  });

  test('reads no file again for the roots and the public keys', async () => {
    const card = imageCard(myEid, myEidBehavior);
    const application = await open(card);
    const files = await certificatesOf(application);
    await collect(application.roots());
    for (const file of [...files, ...files]) await application.publicKey(file);
    const selections = card.commands.filter((command) => command.startsWith('00A4'));
    assert.equal(new Set(selections).size, selections.length);
  });
});

describe('a card that OpenSC wrote with isoApplet.profile', () => {
  test('is found behind the name of its applet', async () => {
    const card = imageCard(isoApplet, isoAppletBehavior);
    const files = await certificatesOf(await open(card));
    assert.deepEqual(files.map(subjectOf), ['CN=User 0', 'CN=User 1', 'CN=User 2', 'CN=User 3']);
    assert.deepEqual(
      files.map(({ label, slot, key, keySpec }) => [label, slot, key, keySpec]),
      [
        ['User 0', null, 'None', 'KeyExchange'],
        ['User 1', null, 'None', 'KeyExchange'],
        ['User 2', null, 'None', 'KeyExchange'],
        ['User 3', '03', 'Unnamed', 'Signature'],
      ],
    );
  });

  test('without a serial number, is known by its first key', async () => {
    const { cardId, serialNumber, label } = await open(imageCard(isoApplet, isoAppletBehavior));
    assert.equal(serialNumber, null);
    assert.equal(label, 'Iso One');
    assert.match(cardId, /^KEY-[0-9A-F]{32}$/);
    const again = await open(imageCard(isoApplet, isoAppletBehavior));
    assert.equal(again.cardId, cardId);
    const otherKey: Image = {
      ...isoApplet,
      files: isoApplet.files.map((file) =>
        file.path === '50153300' ? { ...file, content: file.content?.replace(/..$/, '00') ?? null } : file,
      ),
    };
    assert.notEqual((await open(imageCard(otherKey, isoAppletBehavior))).cardId, cardId);
  });

  test('may hold a certificate in its directory', async () => {
    const card = imageCard(loadImage('isoapplet-direct'), isoAppletBehavior);
    const application = await open(card);
    assert.equal(application.cardId, '00A1B2C3-UNKNOWN');
    const files = await certificatesOf(application);
    assert.deepEqual(
      files.map(({ fileName, label, slot, key, keySpec }) => [fileName, label, slot, key, keySpec]),
      [['50154404#0', 'User 3', '03', 'Unnamed', 'Signature']],
    );
    const [file] = files;
    assert.ok(file);
    assert.deepEqual(Buffer.from(file.certificate), fileContent(isoApplet, '50153403'));
  });

  test('gives the point of its elliptic curve key', async () => {
    const application = await open(imageCard(isoApplet, isoAppletBehavior));
    const files = await certificatesOf(application);
    const keys = await Promise.all(files.map((file) => application.publicKey(file)));
    assert.deepEqual(keys.slice(0, 3), [null, null, null]);
    const key = keys[3];
    assert.equal(key?.kind, 'EC');
    assert.equal(Buffer.from(key.point).length, 65);
  });
});

describe('a card that takes not every command', () => {
  const subjects = ['CN=User 0', 'CN=User 1', 'CN=User 2'];
  const behaviors: readonly (readonly [string, Behavior])[] = [
    ['refuses SELECT by path with 6A86', { ...myEidBehavior, refusesPaths: 0x6a86 }],
    ['refuses SELECT by path with 6A81', { start: '', refusesPaths: 0x6a81 }],
    ['wants P2 = 0C', { ...myEidBehavior, refusesControlInformation: true }],
    ['wants P2 = 0C and refuses paths', { start: '', refusesControlInformation: true, refusesPaths: 0x6a86 }],
  ];
  for (const [what, behavior] of behaviors) {
    test(`${what} is read file by file`, async () => {
      const files = await certificatesOf(await open(imageCard(myEid, behavior)));
      assert.deepEqual(files.map(subjectOf), subjects);
    });
  }

  test('has no name for PKCS #15, but EF.DIR with its path', async () => {
    const image = { ...myEid, selectName: 'F0' };
    const files = await certificatesOf(await open(imageCard(image, { start: '' })));
    assert.deepEqual(files.map(subjectOf), subjects);
  });

  test('has neither a name nor EF.DIR, only 3F00/5015', async () => {
    const image = { selectName: 'F0', files: myEid.files.filter(({ path }) => path !== '2F00') };
    for (const behavior of [{ start: '' }, { start: '', refusesPaths: 0x6a86 }]) {
      const files = await certificatesOf(await open(imageCard(image, behavior)));
      assert.deepEqual(files.map(subjectOf), subjects);
    }
  });
});

describe('a card without PKCS #15', () => {
  const refusing = (statusWord: string) => testCard(() => fromHex(statusWord));

  test('costs two commands where only names are looked for', async () => {
    const card = refusing('6A82');
    assert.equal(await openPkcs15ByName(card), null);
    assert.deepEqual(card.commands, [
      '00A404000CA000000063504B43532D313500',
      '00A404000CF276A288BCFBA69D34F3100100',
    ]);
  });

  test('costs four where it could also be hidden', async () => {
    const card = refusing('6A82');
    assert.equal(await openPkcs15(card), null);
    assert.deepEqual(card.commands.slice(2), ['00A40800022F0000', '00A40800045015503100']);
  });

  for (const statusWord of ['6D00', '6E00', '6A86', '6986', '6999', '6F00']) {
    test(`is no error where it says ${statusWord} to everything`, async () => {
      const card = refusing(statusWord);
      assert.equal(await openPkcs15(card), null);
      assert.ok(card.commands.length <= 9, `${String(card.commands.length)} commands`);
    });
  }

  test('is no error where every SELECT succeeds and nothing can be read', async () => {
    for (const answer of ['6D00', '6986', '6A82']) {
      const card = testCard((command) => fromHex(command[1] === 0xa4 ? '9000' : answer));
      assert.equal(await openPkcs15(card), null, answer);
    }
  });
});
