import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { CertPropError, type ErrorId } from '../../engine/errors.js';
import { isFullPath, requireUsableModule } from '../../engine/pkcs11/module-path.js';

const isRoot = process.geteuid?.() === 0;

function errorOf(id: ErrorId, message: RegExp) {
  return (error: unknown) =>
    error instanceof CertPropError &&
    error.id === id &&
    message.test(error.message) &&
    'file' in error.details;
}

test('only a whole path is one: on Windows with a drive, and no stream, share or device', () => {
  for (const path of ['C:\\Windows\\System32\\module.dll', 'd:/vendor/module.dll']) {
    assert.ok(isFullPath(path, 'win32'), path);
  }
  const others = [
    'module.dll',
    '\\module.dll',
    'C:module.dll',
    '\\\\server\\share\\m.dll',
    '\\\\?\\C:\\m.dll',
  ];
  for (const path of [...others, 'C:\\module.dll:stream', '/usr/lib/module.so', '', 'C:\\a\0b']) {
    assert.ok(!isFullPath(path, 'win32'), path);
  }
  assert.ok(isFullPath('/usr/lib/module.so', 'linux'));
  for (const path of ['module.so', './module.so', '', '~/module.so', '/usr/lib/a\0b']) {
    assert.ok(!isFullPath(path, 'linux'), path);
  }
});

describe('a module’s path', () => {
  let folder = '';
  let file = '';
  beforeEach(async () => {
    folder = await realpath(await mkdtemp('/var/tmp/module-'));
    await chmod(folder, 0o755);
    file = join(folder, 'module.so');
    await writeFile(file, '');
    await chmod(file, 0o644);
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('that leads to a file is taken', async () => {
    assert.equal(await requireUsableModule(file), file);
    assert.equal(await requireUsableModule(join(folder, '.', 'x', '..', 'module.so')), file);
  });

  test('that is relative is refused, though it leads to one', async () => {
    const path = relative(process.cwd(), file);
    await assert.rejects(
      requireUsableModule(path),
      errorOf('Pkcs11ModuleNotTrusted', /path is not absolute/),
    );
  });

  test('where there is no file is an error of its own', async () => {
    await mkdir(join(folder, 'inner'));
    for (const path of [join(folder, 'none.so'), join(folder, 'inner'), join(file, 'x')]) {
      await assert.rejects(
        requireUsableModule(path),
        errorOf('Pkcs11ModuleNotFound', /There is no PKCS #11 module/),
      );
    }
  });

  test('where others can write is refused to root', { skip: isRoot ? false : 'needs root' }, async () => {
    for (const path of [file, folder]) {
      await chmod(path, 0o777);
      const refusal = errorOf('Pkcs11ModuleNotTrusted', new RegExp(`others can change ${path}\\.`));
      await assert.rejects(requireUsableModule(file), refusal);
      await chmod(path, 0o755);
    }
  });

  test(
    'where others can write is taken from a user who names it',
    { skip: !isRoot && 'needs root' },
    async () => {
      await chmod(file, 0o666);
      process.seteuid?.(65534);
      try {
        assert.equal(await requireUsableModule(file), file);
        await assert.rejects(
          requireUsableModule(file, { always: true }),
          errorOf('Pkcs11ModuleNotTrusted', /others can change/),
        );
      } finally {
        process.seteuid?.(0);
      }
    },
  );
});
