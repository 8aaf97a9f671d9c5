import assert from 'node:assert/strict';
import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { CertPropError, type ErrorId } from '../../engine/errors.js';
import { defaultPkcs11Module } from '../../engine/pkcs11/configuration.js';

/** A configuration is root's, and only root can make one. */
const skip = process.geteuid?.() === 0 ? false : 'needs root';

function errorOf(id: ErrorId, message: RegExp) {
  return (error: unknown) => error instanceof CertPropError && error.id === id && message.test(error.message);
}

describe('an organization’s configuration', { skip }, () => {
  let folder = '';
  let file = '';
  let module = '';
  beforeEach(async () => {
    folder = await realpath(await mkdtemp('/var/tmp/configuration-'));
    await chmod(folder, 0o755);
    file = join(folder, 'config.json');
    module = join(folder, 'module.so');
    await write(module, '');
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function write(path: string, text: string | Uint8Array) {
    await writeFile(path, text);
    await chmod(path, 0o644);
  }

  test('names the module', async () => {
    await write(file, JSON.stringify({ pkcs11Module: module }));
    assert.equal(await defaultPkcs11Module(file), module);
    await write(file, `\ufeff${JSON.stringify({ pkcs11Module: module })}`);
    assert.equal(await defaultPkcs11Module(file), module, 'after a byte order mark');
  });

  test('need not be there, nor name one', async () => {
    assert.equal(await defaultPkcs11Module(file), null);
    assert.equal(await defaultPkcs11Module(join(file, 'none', 'config.json')), null);
    await write(file, '{}');
    assert.equal(await defaultPkcs11Module(file), null);
  });

  test('that others can write is refused', async () => {
    await write(file, JSON.stringify({ pkcs11Module: module }));
    for (const path of [file, folder]) {
      await chmod(path, 0o777);
      await assert.rejects(
        defaultPkcs11Module(file),
        errorOf('ConfigurationNotTrusted', new RegExp(`others can change ${path}\\.`)),
      );
      await chmod(path, 0o755);
    }
  });

  test('that others can write is refused without root’s rights too', async () => {
    await write(file, JSON.stringify({ pkcs11Module: module }));
    await chmod(file, 0o666);
    process.seteuid?.(65534);
    try {
      await assert.rejects(
        defaultPkcs11Module(file),
        errorOf('ConfigurationNotTrusted', /others can change/),
      );
    } finally {
      process.seteuid?.(0);
    }
  });

  test('is refused with a module that others can write, that is relative, or that is not there', async () => {
    await write(file, JSON.stringify({ pkcs11Module: module }));
    await chmod(module, 0o666);
    await assert.rejects(defaultPkcs11Module(file), errorOf('Pkcs11ModuleNotTrusted', /others can change/));
    await write(file, JSON.stringify({ pkcs11Module: 'module.so' }));
    await assert.rejects(defaultPkcs11Module(file), errorOf('Pkcs11ModuleNotTrusted', /not absolute/));
    await write(file, JSON.stringify({ pkcs11Module: join(folder, 'none.so') }));
    await assert.rejects(defaultPkcs11Module(file), errorOf('Pkcs11ModuleNotFound', /There is no/));
  });

  for (const [text, expected] of [
    ['', /it is not JSON/],
    ['{ "pkcs11Module": 1 }', /'pkcs11Module' is not as expected/],
    ['{ "pkcs11module": "/module.so" }', /'pkcs11module' is not known/],
    ['"/module.so"', /'it' is not as expected/],
    [' '.repeat(65_537), /it is longer than 65536 bytes/],
  ] as const) {
    test(`is refused if it is ${JSON.stringify(text.slice(0, 40))}`, async () => {
      await write(file, text);
      await assert.rejects(defaultPkcs11Module(file), errorOf('ConfigurationInvalid', expected));
    });
  }

  test('of any bytes gives nothing but a module or an error for a person', async () => {
    const texts = fc.oneof(
      fc.uint8Array(),
      fc.json(),
      fc.json().map((value) => `{"pkcs11Module":${value}}`),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        await write(file, text);
        const result = await defaultPkcs11Module(file).catch((error: unknown) => error);
        assert.ok(result === null || result instanceof CertPropError);
      }),
      { numRuns: 500 },
    );
  });
});
