import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withLock } from '../../engine/store/lock.js';
import { profileStore } from '../../engine/store/profile.js';
import { ada } from './certificates.js';
import { temporaryFolder } from './temporary-folder.js';
import { startWriter } from './writer.js';

const nothing = () => Promise.resolve();

void test('requests of one process are served one at a time', async (context) => {
  const folder = temporaryFolder(context);
  const events: string[] = [];
  const work = (name: string) => async () => {
    events.push(`${name} starts`);
    await new Promise(setImmediate);
    events.push(`${name} ends`);
  };
  await Promise.all(['a', 'b', 'c'].map((name) => withLock(folder, work(name))));
  assert.equal(events.length, 6);
  for (let i = 0; i < 6; i += 2) {
    assert.equal(events[i]?.replace(' starts', ''), events[i + 1]?.replace(' ends', ''));
  }
  assert.deepEqual(readdirSync(folder), []);
});

void test('a lock that stays held is StoreLocked, and nothing is done', async (context) => {
  const folder = temporaryFolder(context);
  let done = false;
  await withLock(folder, async () => {
    const second = withLock(
      folder,
      () => {
        done = true;
        return Promise.resolve();
      },
      0,
    );
    await assert.rejects(second, { id: 'StoreLocked', details: { file: folder } });
  });
  assert.equal(done, false);
});

void test('the lock is given back when the work fails', async (context) => {
  const folder = temporaryFolder(context);
  await assert.rejects(
    withLock(folder, () => Promise.reject(new RangeError('work'))),
    RangeError,
  );
  await withLock(folder, nothing, 0);
});

void test('two folders have two locks', async (context) => {
  const [one, two] = [temporaryFolder(context), temporaryFolder(context)];
  await withLock(one, () => withLock(two, nothing, 0), 0);
});

void test('a folder that does not exist is StoreUnavailable', async (context) => {
  const folder = join(temporaryFolder(context), 'absent');
  await assert.rejects(withLock(folder, nothing), { id: 'StoreUnavailable', details: { file: folder } });
});

void test('another process keeps writers out but not readers, and its lock dies with it', async (context) => {
  const path = temporaryFolder(context);
  const folder = join(path, 'SystemCertificates', 'My');
  mkdirSync(join(folder, 'Certificates'), { recursive: true });
  const holder = startWriter([path, 'hold']);
  context.after(() => holder.kill());
  assert.equal(await holder.nextLine(), 'held');

  await assert.rejects(withLock(folder, nothing, 0), { id: 'StoreLocked' });
  const store = profileStore(path, 'My');
  assert.equal(await store.find(ada.thumbprint), null);

  const waiting = store.add(ada.der, new Map(), 'New');
  await holder.kill();
  assert.equal(await waiting, 'Added');
  assert.deepEqual(readdirSync(folder), ['Certificates']);
});
