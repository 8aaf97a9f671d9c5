import assert from 'node:assert/strict';
import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { CertPropError, type ErrorId } from '../../engine/errors.js';
import { filePolicies } from '../../engine/policy/file.js';
import { policyOf, prohibitions } from '../../engine/policy/policy.js';

/** Policies are root's, and only root can make them. */
const skip = process.geteuid?.() === 0 ? false : 'needs root';

function errorOf(id: ErrorId, message: RegExp) {
  return (error: unknown) => error instanceof CertPropError && error.id === id && message.test(error.message);
}

describe('a policy file', { skip }, () => {
  let folder = '';
  let file = '';
  beforeEach(async () => {
    folder = await realpath(await mkdtemp('/var/tmp/policy-'));
    await chmod(folder, 0o755);
    file = join(folder, 'policy.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const read = () => filePolicies(file).read();
  async function write(text: string | Uint8Array) {
    await writeFile(file, text);
    await chmod(file, 0o644);
  }

  test('sets what it names, and nothing else', async () => {
    await write('{ "CertPropEnabled": 0, "RootCertificateCleanupOption": 1 }');
    const values = await read();
    assert.deepEqual(
      [...values.given],
      [
        ['CertPropEnabled', 0],
        ['RootCertificateCleanupOption', 1],
      ],
    );
    const { effective, source, path } = policyOf('RootCertificateCleanupOption', values);
    assert.deepEqual([effective, source, path], ['OnCardRemoval', 'File', file]);
    assert.match(prohibitions(values).everything ?? '', /^Policy turns .* off: CertPropEnabled is 0 in /u);
  });

  test('need not be there, nor set anything', async () => {
    assert.equal(prohibitions(await read()).everything, null);
    await write('{}');
    const values = await read();
    assert.equal(values.given.size, 0);
    assert.equal(policyOf('CertPropEnabled', values).path, file);
  });

  test('that others can change is refused, not taken for none', async () => {
    await write('{ "CertPropEnabled": 1 }');
    for (const path of [file, folder]) {
      await chmod(path, 0o777);
      await assert.rejects(read(), errorOf('ConfigurationNotTrusted', /others can change/u));
      await chmod(path, 0o755);
    }
  });

  test('that users can’t read is an error, not taken for none', async () => {
    await write('{}');
    await chmod(file, 0o600);
    process.seteuid?.(65534);
    try {
      await assert.rejects(read(), errorOf('PolicyInvalid', /can't be read \(EACCES\)/u));
    } finally {
      process.seteuid?.(0);
    }
  });

  for (const [text, why] of [
    ['', /it is not JSON/u],
    ['null', /'it' is not as expected/u],
    ['[]', /it is a list/u],
    ['{ "CertPropEnable": 0 }', /'CertPropEnable' is not known/u],
    ['{ "CertPropEnabled": 1, "certPropEnabled": 0 }', /'certPropEnabled' is not known/u],
    ['{ "__proto__": { "CertPropEnabled": 0 } }', /'__proto__' is not known/u],
    ['{ "CertPropEnabled": 2 }', /'CertPropEnabled' is not as expected/u],
    ['{ "CertPropEnabled": "0" }', /'CertPropEnabled' is not as expected/u],
    ['{ "CertPropEnabled": false }', /'CertPropEnabled' is not as expected/u],
    ['{ "CertPropEnabled": null }', /'CertPropEnabled' is not as expected/u],
    ['{ "RootCertificateCleanupOption": 3 }', /'RootCertificateCleanupOption' is not as expected/u],
    [' '.repeat(65_537), /it is longer than 65536 bytes/u],
  ] as const) {
    test(`is refused if it is ${JSON.stringify(text.slice(0, 60))}`, async () => {
      await write(text);
      await assert.rejects(read(), errorOf('PolicyInvalid', why));
    });
  }

  test('of any bytes gives values with a meaning or an error for a person', async () => {
    const texts = fc.oneof(
      fc.uint8Array(),
      fc.json(),
      fc.json().map((value) => `{"CertPropEnabled":${value}}`),
      fc.integer({ min: -1, max: 3 }).map((value) => `{"RootCertificateCleanupOption":${value}}`),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        await write(text);
        const values = await read().catch((error: unknown) => error);
        if (values instanceof CertPropError) return;
        assert.ok(typeof values === 'object' && values !== null && 'given' in values);
        assert.ok(values.given instanceof Map);
        for (const value of values.given.values()) assert.ok([0, 1, 2].includes(Number(value)));
      }),
      { numRuns: 300 },
    );
  });
});
