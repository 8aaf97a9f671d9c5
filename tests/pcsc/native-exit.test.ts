import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

const modules = (name: string): string => new URL(`../../engine/pcsc/${name}.js`, import.meta.url).href;

async function exitCodeOf(script: string): Promise<unknown> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const [code] = (await once(child, 'exit')) as unknown[];
  clearTimeout(limit);
  return code;
}

test('exitNow ends the process although a native call blocks a thread', async () => {
  const blocked = process.platform === 'win32' ? ['kernel32.dll', 'Sleep', 60_000] : [null, 'sleep', 60];
  const code = await exitCodeOf(`
    import { loadKoffi } from '${new URL('../../engine/native/koffi.js', import.meta.url).href}';
    import { exitNow } from '${modules('native-exit')}';
    const [library, name, time] = ${JSON.stringify(blocked)};
    const koffi = await loadKoffi();
    koffi.load(library).func('__stdcall', name, 'uint', ['uint']).async(time, () => undefined);
    setTimeout(() => exitNow(7), 50);
  `);
  assert.equal(code, 7);
});

test('exitNow ends a process that never needed native code', async () => {
  const code = await exitCodeOf(`
    import { exitNow } from '${modules('native-exit')}';
    setInterval(() => undefined, 1000);
    exitNow(3);
  `);
  assert.equal(code, 3);
});
