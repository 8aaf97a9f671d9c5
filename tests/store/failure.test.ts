import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { profileStore } from '../../engine/store/profile.js';
import { retryWhileBusy } from '../../engine/store/retry.js';
import { ada, grace } from './certificates.js';
import { temporaryFolder } from './temporary-folder.js';
import { startWriter } from './writer.js';

const isRoot = process.getuid?.() === 0;
const posixOnly = process.platform === 'win32' ? 'POSIX file modes' : false;

/** Root is denied nothing: as root the writer runs as nobody. */
const someone = isRoot ? { uid: 65534, gid: 65534 } : {};

/** The store of a certificate with a folder that its owner can't write. */
async function deniedStore(context: TestContext): Promise<{ path: string; certificates: string }> {
  const path = temporaryFolder(context);
  const certificates = join(path, 'SystemCertificates', 'My', 'Certificates');
  mkdirSync(certificates, { recursive: true });
  await profileStore(path, 'My').add(grace.der, new Map(), 'New');
  chmodSync(path, 0o755);
  return { path, certificates };
}

async function attempt(path: string): Promise<unknown> {
  return JSON.parse(await startWriter([path, 'try'], someone).output());
}

function assertFailure(answer: unknown, id: string, message: RegExp): void {
  assert.ok(typeof answer === 'object' && answer !== null && 'id' in answer && 'message' in answer);
  assert.equal(answer.id, id);
  assert.match(String(answer.message), message);
}

void test('a store that may not be written is StoreAccessDenied', { skip: posixOnly }, async (context) => {
  const { path, certificates } = await deniedStore(context);
  const store = join(path, 'SystemCertificates', 'My');
  for (const folder of [join(path, 'SystemCertificates'), store, certificates]) chmodSync(folder, 0o555);
  assertFailure(await attempt(path), 'StoreAccessDenied', /My.*can't be accessed: permission denied/);
  assert.deepEqual(readdirSync(store), ['Certificates']);
  for (const folder of [store, certificates]) chmodSync(folder, 0o755);
});

void test('a store that may not be read is StoreAccessDenied', { skip: posixOnly }, async (context) => {
  const { path, certificates } = await deniedStore(context);
  chmodSync(path, 0o000);
  assertFailure(await attempt(path), 'StoreAccessDenied', /permission denied/);
  chmodSync(path, 0o755);
  assert.equal(readdirSync(certificates).length, 1);
});

/** A small disk of its own, in a mount namespace that goes with its process. */
const smallDisk = (folder: string, options: string, command: readonly string[]) =>
  spawnSync(
    'unshare',
    ['-m', 'sh', '-c', `mount -t tmpfs -o ${options} certprop "$0" && exec "$@"`, folder, ...command],
    { encoding: 'utf8' },
  );

function noMounts(context: TestContext): string | false {
  if (smallDisk(temporaryFolder(context), 'size=64k', ['true']).status === 0) return false;
  return 'needs the right to mount a file system: run as root on Linux';
}

const writerScript = join(import.meta.dirname, 'writer-process.js');

void test('a full disk leaves the stored certificate as it was', (context) => {
  const reason = noMounts(context);
  if (reason !== false) {
    context.skip(reason);
    return;
  }
  const [disk, before] = [temporaryFolder(context), temporaryFolder(context)];
  const certificates = join('SystemCertificates', 'My', 'Certificates');
  mkdirSync(join(before, certificates), { recursive: true });
  writeFileSync(join(before, certificates, ada.thumbprint), elementOfAda());
  const steps = `cp -r "${before}/." "${disk}" && "${process.execPath}" "${writerScript}" "${disk}" try && cp -r "${disk}" "${before}/after"`;
  const run = smallDisk(disk, 'size=64k', ['sh', '-c', steps]);
  assertFailure(JSON.parse(run.stdout), 'StoreUnavailable', /no space is left/);
  const after = join(before, 'after');
  assert.deepEqual(readFileSync(join(after, certificates, ada.thumbprint)), elementOfAda());
  assert.deepEqual(readdirSync(join(after, 'SystemCertificates', 'My')), ['Certificates']);
});

/** Written by hand from [MS-GPEF] 2.2.1.1.1.1: the certificate alone. */
function elementOfAda(): Buffer {
  const header = Buffer.from('200000000100000000000000', 'hex');
  header.writeUInt32LE(ada.der.length, 8);
  return Buffer.concat([header, ada.der]);
}

void test('a read-only file system is StoreUnavailable', (context) => {
  const reason = noMounts(context);
  if (reason !== false) {
    context.skip(reason);
    return;
  }
  const disk = temporaryFolder(context);
  const run = smallDisk(disk, 'ro,size=64k', [process.execPath, writerScript, disk, 'try']);
  assertFailure(JSON.parse(run.stdout), 'StoreUnavailable', /read-only file system/);
});

const busy = (code: string) => Object.assign(new Error(code), { code });

void test('an operation on a file that is held for a moment is repeated', async () => {
  let calls = 0;
  const answer = await retryWhileBusy(() => {
    calls++;
    return calls < 4 ? Promise.reject(busy('EBUSY')) : Promise.resolve('done');
  });
  assert.deepEqual([answer, calls], ['done', 4]);
});

void test('a file that stays held is an error in the end', async () => {
  await assert.rejects(
    retryWhileBusy(() => Promise.reject(busy('EBUSY')), 20),
    { code: 'EBUSY' },
  );
});

void test('any other failure is not repeated', async () => {
  let calls = 0;
  const failing = retryWhileBusy(() => {
    calls++;
    return Promise.reject(busy('ENOSPC'));
  });
  await assert.rejects(failing, { code: 'ENOSPC' });
  assert.equal(calls, 1);
});
