import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { checkIntegrity, fetchPackage } from '../../build/package/fetch.js';
import { lockedPin } from '../../build/package/pins.js';
import { skipWithoutRegistry } from '../support/packages.js';

const tarball = Buffer.from('what was pinned');
const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
const pin = { name: 'left', version: '1.0.0', integrity };
const small = lockedPin('@koromix/koffi-win32-x64');

test('a tarball that is what was pinned is taken', () => {
  checkIntegrity(pin, tarball);
});

test('a tarball with one other bit is refused', () => {
  const changed = Buffer.from(tarball);
  changed[0] = (changed[0] ?? 0) ^ 1;
  assert.throws(() => checkIntegrity(pin, changed), /left 1\.0\.0 from the registry is not the one/u);
});

test('a pin without a whole SHA-512 is refused, whatever the tarball', () => {
  for (const weak of ['', 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=', 'sha512-', `${integrity} sha1-2jmj7l5rSw0y`]) {
    assert.throws(() => checkIntegrity({ ...pin, integrity: weak }, tarball), /has no sha512 integrity/u);
  }
});

test('a package’s pin is what package-lock.json records', () => {
  assert.match(small.integrity, /^sha512-/u);
  assert.throws(() => lockedPin('no-such-package'));
});

describe('from the registry', { skip: await skipWithoutRegistry() }, () => {
  let cache = '';
  before(async () => {
    cache = await mkdtemp(join(tmpdir(), 'certprop-fetch-'));
  });
  after(async () => {
    await rm(cache, { recursive: true });
  });

  test('a package that isn’t what was pinned is not unpacked', async () => {
    await assert.rejects(fetchPackage({ ...small, integrity }, cache), /is not the one that was pinned/u);
    assert.deepEqual(await readdir(cache), []);
  });

  test('a package fetched three times at once is one folder, and nothing else is left', async () => {
    const folders = await Promise.all([1, 2, 3].map(() => fetchPackage(small, cache)));
    assert.equal(new Set(folders).size, 1);
    assert.deepEqual(
      await readdir(cache),
      folders.slice(0, 1).map((folder) => basename(folder)),
    );
  });

  test('of a package, only the files that the pin names are unpacked', async () => {
    const folder = await fetchPackage({ ...small, files: ['package.json'] }, join(cache, 'some'));
    assert.deepEqual(await readdir(folder), ['package.json']);
  });
});
