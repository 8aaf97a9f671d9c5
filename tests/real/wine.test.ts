import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import { bundleForWine, runNode } from '../support/wine-node.js';
import { setRegistryValue, skipWithoutWine, startWine, type Wine } from '../support/wine.js';

suite('Wine', { skip: skipWithoutWine() }, () => {
  let wine: Wine;
  before(async () => {
    wine = await startWine();
  });
  after(() => wine.stop());

  test('node.exe runs a bundled script, with koffi for Windows, arguments and environment', async () => {
    const script = await bundleForWine(wine, 'tests/support/wine-self-script.ts');
    const args = ['a b', 'ä"\u{1f511}'];
    const { exitCode, output, errors } = await runNode(wine, script, args, { env: { GIVEN: 'ü' } });
    assert.equal(errors, '');
    assert.deepEqual(JSON.parse(output), {
      platform: 'win32',
      arch: 'x64',
      node: '22.23.3',
      same: true,
      args,
      given: 'ü',
    });
    assert.equal(exitCode, 7);
  });

  test('The registry keeps what a test puts into it', async () => {
    await setRegistryValue(wine, 'HKLM\\SOFTWARE\\CertProp', 'Number', 'REG_DWORD', '7');
    const { output } = await wine.run('reg', ['query', 'HKLM\\SOFTWARE\\CertProp', '/v', 'Number']);
    assert.match(output, /Number\s+REG_DWORD\s+0x7/u);
  });

  test('A program that takes too long is ended', async () => {
    await assert.rejects(
      wine.run('ping', ['-n', '60', '127.0.0.1'], { timeout: 1000 }),
      /longer than 1000 ms/u,
    );
  });

  test('Nothing stays behind', async () => {
    const own = await startWine();
    assert.ok(existsSync(own.systemFolder));
    await own.stop();
    assert.ok(!existsSync(own.folder));
  });
});
