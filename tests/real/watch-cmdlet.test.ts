/** Watch-CertPropagation in real PowerShell, over a restart of pcscd: the built engine, real pcscd and vpcd, virtual cards. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { makeSampleCard, type SampleCard } from '../../engine/virtual/sample-card.js';
import { insertCard } from '../../engine/virtual/vpcd.js';
import { skipWithoutPcscd } from '../support/pcscd.js';
import { skipWithoutPwsh, startPwsh } from '../support/pwsh.js';
import { startRestartablePcscd, type RestartablePcscd } from '../support/restartable-pcscd.js';

const skip = skipWithoutPcscd() || skipWithoutPwsh();

describe('Watch-CertPropagation', { skip, timeout: 120_000 }, () => {
  let pcscd: RestartablePcscd;
  let storePath: string;
  before(async () => {
    pcscd = await startRestartablePcscd();
    storePath = await mkdtemp(join(tmpdir(), 'certprop-store-'));
  });
  after(async () => {
    await pcscd.end();
    await rm(storePath, { recursive: true });
  });

  function added({ certificates, root }: SampleCard, readerName: string): readonly string[] {
    const results = [...certificates.values()].map((certificate) => ['My', certificate] as const);
    return [...results, ['SmartCardRoot', root] as const].map(
      ([store, certificate]) => `${store} Added ${thumbprintOf(certificate)} ${readerName}`,
    );
  }

  async function filesIn(store: string): Promise<number> {
    return (await readdir(join(storePath, 'SystemCertificates', store, 'Certificates'))).length;
  }

  test('goes on when pcscd is restarted: the next card is propagated as the one before, each as it comes', async () => {
    const [early, late] = [await makeSampleCard(), await makeSampleCard()];
    await insertCard(gidsCard(early.state), pcscd.first.port);
    const shown = '"$($_.Store) $($_.Action) $($_.Thumbprint) $($_.ReaderName)"';
    const watch = startPwsh(
      `Watch-CertPropagation -StorePath '${storePath}' | Select-Object -First 8 | ForEach-Object { ${shown} }`,
      pcscd.env,
    );
    async function told(): Promise<readonly (string | null)[]> {
      const lines: (string | null)[] = [];
      while (lines.length < 4) lines.push(await watch.nextLine());
      return lines;
    }
    try {
      assert.deepEqual(await told(), added(early, pcscd.first.readerName));
      assert.ok(watch.isRunning(), 'the results came at the end only');
      assert.deepEqual([await filesIn('My'), await filesIn('SmartCardRoot')], [3, 1]);

      await pcscd.stop();
      await pcscd.start();
      const inserted = await insertCard(gidsCard(late.state), pcscd.second.port);
      assert.deepEqual(await told(), added(late, pcscd.second.readerName));
      assert.deepEqual([await filesIn('My'), await filesIn('SmartCardRoot')], [6, 2]);
      assert.deepEqual(await watch.ended, { exitCode: 0, stderr: '' });
      await inserted.remove();
    } finally {
      watch.kill();
    }
  });
});
