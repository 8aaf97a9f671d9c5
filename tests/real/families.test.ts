/** The cmdlets on cards of several families at once, through real PowerShell, the built engine, pcscd and vpcd. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { openpgpCard } from '../../engine/virtual/openpgp-card.js';
import { putOpenpgpCertificate } from '../../engine/virtual/openpgp-card-data.js';
import { newOpenpgpCard } from '../../engine/virtual/openpgp-card-state.js';
import { pivCard } from '../../engine/virtual/piv-card.js';
import { putPivCertificate } from '../../engine/virtual/piv-objects.js';
import { newPivCard } from '../../engine/virtual/piv-state.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { issue, makeIssuer } from '../../engine/virtual/sample-certificates.js';
import { insertCard, type InsertedCard } from '../../engine/virtual/vpcd.js';
import { skipWithoutPcscd, startPcscd, type Pcscd } from '../support/pcscd.js';
import { pwsh, pwshObjects, skipWithoutPwsh } from '../support/pwsh.js';

interface SmartCard {
  readonly ReaderName: string;
  readonly State: string;
  readonly CardFamily: string | null;
  readonly CertificateCount: number | null;
}

interface CardCertificate {
  readonly Thumbprint: string;
  readonly ReaderName: string;
  readonly CardFamily: string;
  readonly Slot: string;
}

interface PropagationResult {
  readonly Thumbprint: string;
  readonly Action: string;
  readonly Reason: string;
  readonly Container: string | null;
}

const opensc = readdirSync('/usr/lib')
  .map((folder) => join('/usr/lib', folder, 'opensc-pkcs11.so'))
  .find((path) => existsSync(path));
const skip = skipWithoutPcscd() || skipWithoutPwsh();

describe('cards of several families', { skip }, () => {
  let pcscd: Pcscd;
  let storePath: string;
  let inserted: InsertedCard[];
  const names = { gids: '', piv: '', openpgp: '', empty: '' };
  const thumbprints: Record<'piv9A' | 'piv9C' | 'openpgp', string> = { piv9A: '', piv9C: '', openpgp: '' };

  before(async () => {
    pcscd = await startPcscd(4);
    const [first, second, third, fourth] = pcscd.readers;
    assert.ok(first && second && third && fourth);
    Object.assign(names, {
      gids: first.readerName,
      piv: second.readerName,
      openpgp: third.readerName,
      empty: fourth.readerName,
    });
    const issuer = await makeIssuer('Families Test Root');
    const certificateOf = async (commonName: string): Promise<Uint8Array> => {
      const user = { commonName, upn: 'user@example.com', key: 'P-256', purpose: 'Authentication' } as const;
      return (await issue(issuer, user)).certificate;
    };
    const piv9A = await certificateOf('PIV 9A');
    const piv9C = await certificateOf('PIV 9C');
    const cardholder = await certificateOf('OpenPGP AUT');
    const piv = newPivCard();
    putPivCertificate(piv, '9A', piv9A, 'Gzip');
    putPivCertificate(piv, '9C', piv9C, 'Plain');
    const openpgp = newOpenpgpCard();
    putOpenpgpCertificate(openpgp, 0, cardholder);
    Object.assign(thumbprints, {
      piv9A: thumbprintOf(piv9A),
      piv9C: thumbprintOf(piv9C),
      openpgp: thumbprintOf(cardholder),
    });
    inserted = [
      await insertCard(gidsCard((await makeSampleCard()).state), first.port),
      await insertCard(pivCard(piv), second.port),
      await insertCard(openpgpCard(openpgp), third.port),
    ];
    storePath = await mkdtemp(join(tmpdir(), 'certprop-families-'));
  });
  after(async () => {
    for (const card of inserted) await card.remove();
    await pcscd.stop();
    await rm(storePath, { recursive: true });
  });

  const run = <T>(script: string): Promise<readonly T[]> => pwshObjects<T>(script, pcscd.env);
  const byReader = (a: { readonly ReaderName: string }, b: { readonly ReaderName: string }): number =>
    a.ReaderName < b.ReaderName ? -1 : 1;

  test('Get-SmartCard gives one object per reader, also for an empty one', async () => {
    const cards = (await run<SmartCard>('Get-SmartCard')).toSorted(byReader);
    assert.deepEqual(
      cards.map(({ ReaderName, State, CardFamily, CertificateCount }) => [
        ReaderName,
        State,
        CardFamily,
        CertificateCount,
      ]),
      [
        [names.gids, 'Present', 'GIDS', 3],
        [names.piv, 'Present', 'PIV', 2],
        [names.openpgp, 'Present', 'OpenPGP', 1],
        [names.empty, 'Empty', null, null],
      ],
    );
  });

  test('Get-CardCertificate reads all of them, and says nothing of the empty reader', async () => {
    const found = await run<CardCertificate>('Get-CardCertificate');
    const summary = found.map(({ ReaderName, CardFamily, Slot }) => `${ReaderName} ${CardFamily} ${Slot}`);
    assert.deepEqual(
      summary.toSorted(),
      [
        `${names.gids} GIDS 0`,
        `${names.gids} GIDS 1`,
        `${names.gids} GIDS 2`,
        `${names.piv} PIV 9A`,
        `${names.piv} PIV 9C`,
        `${names.openpgp} OpenPGP AUT`,
      ].toSorted(),
    );
  });

  test('certificates whose card names no container are stored without a link, and taken back by their mark', async () => {
    const results = await run<PropagationResult>(
      `Invoke-CertPropagation -Reader '${names.piv}' -StorePath '${storePath}'`,
    );
    assert.deepEqual(
      results.map(({ Action, Reason, Container }) => [Action, Reason, Container]),
      [
        ['Added', 'NoContainerName', null],
        ['Added', 'NoContainerName', null],
      ],
    );
    const removed = await run<PropagationResult>(
      `Remove-PropagatedCertificate -Reader '${names.piv}' -StorePath '${storePath}' -Confirm:$false`,
    );
    assert.deepEqual(
      removed.map(({ Action, Reason }) => `${Action} ${Reason}`),
      ['Removed Mark', 'Removed Mark'],
    );
  });

  test('-KeyContainer links the one certificate that is chosen, and refuses to link several', async () => {
    const [linked] = await run<PropagationResult>(
      `Get-CardCertificate -Thumbprint ${thumbprints.piv9A} | Invoke-CertPropagation -StorePath '${storePath}' -KeyContainer 'from certutil'`,
    );
    assert.deepEqual(
      [linked?.Action, linked?.Reason, linked?.Container],
      ['Added', 'NotInStore', 'from certutil'],
    );
    const { stdout } = await pwsh(
      `try { Invoke-CertPropagation -Reader '${names.piv}' -StorePath '${storePath}' -KeyContainer x } catch { $_.FullyQualifiedErrorId }`,
      pcscd.env,
    );
    assert.match(stdout, /^KeyContainerAmbiguous,Invoke-CertPropagation$/mu);
  });

  test(
    'what a PKCS #11 module shows of the same cards is not listed twice',
    { skip: opensc === undefined ? 'opensc-pkcs11.so is missing: apt-get install opensc-pkcs11' : false },
    async () => {
      const found = await run<CardCertificate>(`Get-CardCertificate -Pkcs11Module '${opensc ?? ''}'`);
      assert.equal(found.length, 6);
      assert.equal(new Set(found.map(({ Thumbprint }) => Thumbprint)).size, 6);
    },
  );

  test('a card pulled during a sweep is one warning; the certificates of the others come', async () => {
    inserted[1]?.pullAtCommand(4);
    const { stdout } = await pwsh(
      `$found = Get-CardCertificate -WarningVariable told -WarningAction SilentlyContinue
       "found $(@($found | Where-Object ReaderName -ne '${names.piv}').Count)"
       $told | ForEach-Object { "told $_" }`,
      pcscd.env,
    );
    assert.match(stdout, /^found 4$/mu);
    assert.equal(stdout.match(/^told .*removed.*ATR [0-9A-F]+/gimu)?.length, 1, stdout);
    await inserted[1]?.removed;
    inserted.splice(1, 1);
  });
});

function thumbprintOf(certificate: Uint8Array): string {
  return new X509Certificate(certificate).fingerprint.replaceAll(':', '');
}
