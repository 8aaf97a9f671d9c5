/** Cards of every family as people's tools write them: once propagated, nothing about them has failed. */
import assert from 'node:assert/strict';
import { KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readCardImage } from '../../engine/virtual/card-image.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { putOpenpgpKey } from '../../engine/virtual/openpgp-card-keys.js';
import { newOpenpgpCard } from '../../engine/virtual/openpgp-card-state.js';
import { openpgpCard } from '../../engine/virtual/openpgp-card.js';
import { pivCard } from '../../engine/virtual/piv-card.js';
import { newPivCard } from '../../engine/virtual/piv-state.js';
import { blankPkcs15Card, pkcs15Card } from '../../engine/virtual/pkcs15-card.js';
import { issue, makeIssuer } from '../../engine/virtual/sample-certificates.js';
import { insertCard, type InsertedCard } from '../../engine/virtual/vpcd.js';
import { skipWithoutGnupg, startGnupg } from '../support/gnupg.js';
import { makeOpenscCard, openscTool, skipWithoutOpensc, succeed } from '../support/opensc.js';
import { skipWithoutPcscd, startPcscd, type Pcscd, type VirtualReader } from '../support/pcscd.js';
import { writePkcs15Card } from '../support/pkcs15.js';
import { pwshObjects, skipWithoutPwsh } from '../support/pwsh.js';
import { importCertificate, skipWithoutYubico, yubicoTool } from '../support/yubico.js';

const skip =
  skipWithoutPcscd() || skipWithoutPwsh() || skipWithoutOpensc() || skipWithoutYubico() || skipWithoutGnupg();

const logon = { commonName: 'Jane', upn: 'jane@corp.example', key: 'RSA-2048', purpose: 'Logon' } as const;

/** Each leaves its card in the reader. */
const writers: Readonly<Record<string, (pcscd: Pcscd, reader: VirtualReader) => Promise<InsertedCard>>> = {
  async 'GIDS, by gids-tool and pkcs15-init'(pcscd, reader) {
    const { image } = await makeOpenscCard(pcscd, reader, 2);
    return insertCard(gidsCard(readCardImage(image)), reader.port);
  },
  async 'PKCS #15, by pkcs15-init'(pcscd, reader) {
    const inserted = await insertCard(pkcs15Card(blankPkcs15Card('MyEID')), reader.port);
    await writePkcs15Card(openscTool(pcscd, reader), 'MyEID', 2);
    return inserted;
  },
  async 'PIV, by yubico-piv-tool'(pcscd, reader) {
    const inserted = await insertCard(pivCard(newPivCard()), reader.port);
    const tool = yubicoTool(pcscd, reader);
    await succeed(tool(['--action', 'set-chuid', '--action', 'set-ccc']));
    const { certificate } = await issue(await makeIssuer('PIV Test Root'), logon);
    await importCertificate(tool, '9a', certificate, 'GZIP');
    return inserted;
  },
  async 'OpenPGP, by GnuPG'(pcscd, reader) {
    const state = newOpenpgpCard();
    const inserted = await insertCard(openpgpCard(state), reader.port);
    const { certificate, publicKey } = await issue(await makeIssuer('OpenPGP Test Root'), logon);
    putOpenpgpKey(state, 3, KeyObject.from(publicKey));
    const gnupg = await startGnupg(pcscd, reader);
    await gnupg.writeCertificate(certificate);
    await gnupg.stop();
    return inserted;
  },
};

interface Check {
  readonly Name: string;
  readonly Status: string;
  readonly Finding: string;
}

describe('a card that was propagated', { skip }, () => {
  let pcscd: Pcscd;
  before(async () => {
    pcscd = await startPcscd(1);
  });
  after(() => pcscd.stop());

  for (const [how, write] of Object.entries(writers)) {
    test(`has no failed check: ${how}`, async () => {
      const [reader] = pcscd.readers;
      assert.ok(reader);
      const storePath = await mkdtemp(join(tmpdir(), 'certprop-healthy-'));
      const inserted = await write(pcscd, reader);
      try {
        const place = `-Reader '${reader.readerName}' -StorePath '${storePath}'`;
        const checks = await pwshObjects<Check>(
          `Invoke-CertPropagation ${place} | Out-Null; Test-CertPropagation ${place} | Select-Object Name, Status, Finding`,
          pcscd.env,
        );
        assert.deepEqual(
          checks.filter(({ Status }) => Status === 'Failed'),
          [],
        );
        for (const name of ['CardCertificates', 'CardKeys', 'InStore', 'Store', 'SignIn'])
          assert.equal(checks.find(({ Name }) => Name === name)?.Status, 'Passed', name);
      } finally {
        await inserted.remove();
        await rm(storePath, { recursive: true });
      }
    });
  }
});
