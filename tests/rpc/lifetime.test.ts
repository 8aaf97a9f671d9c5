import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { type EngineProcess, behave, fixtureEngine, follow, framed, startEngine } from './engine-process.js';
import { skipOnWindows } from './skip-on-windows.js';

const skip = skipOnWindows;
/** Far above what is promised: only so that a broken engine fails the test instead of hanging it. */
const timeout = 60_000;
const options = { skip, timeout };

/** An engine whose request 1 runs, as the answer to a later one shows. */
async function busyEngine(
  context: TestContext,
  behavior: string,
  ...given: string[]
): Promise<EngineProcess> {
  const engine = startEngine(context, ...given);
  engine.send(framed({ jsonrpc: '2.0', id: 1, method: 'certificate/list', params: behave(behavior) }));
  await engine.request('later', 'engine/info');
  return engine;
}

for (const behavior of ['until cancelled', 'never answer', 'native call', 'stream until cancelled']) {
  test(
    `the end of input ends the engine during a request that does: ${behavior}`,
    options,
    async (context) => {
      const engine = await busyEngine(context, behavior);
      engine.child.stdin.end();
      assert.equal(await engine.ended, 0);
    },
  );
}

test('requests that can be are answered before the engine ends with its input', options, async (context) => {
  const engine = startEngine(context);
  engine.send(
    framed({ jsonrpc: '2.0', id: 1, method: 'certificate/list', params: behave('until cancelled') }),
  );
  engine.child.stdin.end(framed({ jsonrpc: '2.0', id: 2, method: 'engine/info' }));
  assert.equal(await engine.ended, 0);
  assert.deepEqual(engine.answers.map(({ id, error }) => [id, error?.code]).sort(), [
    [1, -32800],
    [2, undefined],
  ]);
});

test('a write that has begun is finished before the engine ends', options, async (context) => {
  const engine = await busyEngine(context, 'begin a write');
  engine.child.stdin.end();
  assert.equal(await engine.ended, 0);
  assert.match(engine.standardError(), /^write finished$/m);
});

test('a write that does not finish is waited for 10 seconds and no longer', options, async (context) => {
  const engine = await busyEngine(context, 'begin an endless write');
  engine.child.stdin.end();
  assert.equal(await engine.ended, 0);
});

test('a client that stops reading does not keep the engine', options, async (context) => {
  const engine = await busyEngine(context, 'stream without waiting');
  engine.child.stdout.pause();
  engine.send(
    framed({ jsonrpc: '2.0', id: 3, method: 'certificate/list', params: behave('stream until cancelled') }),
  );
  engine.child.stdin.end();
  const [exitCode] = (await once(engine.child, 'exit')) as [number];
  assert.equal(exitCode, 0);
});

for (const behavior of ['stream until cancelled', 'stream without waiting']) {
  test(`a broken output pipe ends the engine quietly: ${behavior}`, options, async (context) => {
    const engine = startEngine(context);
    await engine.request(1, 'engine/info');
    engine.child.stdout.destroy();
    engine.send(framed({ jsonrpc: '2.0', id: 2, method: 'certificate/list', params: behave(behavior) }));
    assert.equal(await engine.ended, 0);
    assert.match(engine.standardError(), /^peak memory: [0-9]+ MiB\n$/);
  });
}

test('SIGINT is ignored', options, async (context) => {
  const engine = await busyEngine(context, 'never answer');
  engine.child.kill('SIGINT');
  assert.ok((await engine.request(2, 'engine/info')).result);
});

for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} ends the engine like the end of input`, options, async (context) => {
    const engine = await busyEngine(context, 'begin a write');
    engine.child.kill(signal);
    assert.equal(await engine.ended, 0);
    assert.match(engine.standardError(), /^write finished$/m);
  });
}

test(
  'an error outside of any request ends the engine with exit code 1 and is told on standard error',
  options,
  async (context) => {
    const engine = startEngine(context);
    engine.send(framed({ jsonrpc: '2.0', id: 1, method: 'certificate/list', params: behave('crash later') }));
    assert.equal(await engine.ended, 1);
    assert.match(engine.standardError(), /^Error: crash outside a request$/m);
  },
);

test('the engine ends after its idle time, even if it was never asked', options, async (context) => {
  assert.equal(await startEngine(context, '--idle', '50').ended, 0);
});

test('the idle time does not run during a request', options, async (context) => {
  const engine = startEngine(context, '--idle', '1000');
  const params = behave('stream until cancelled');
  engine.send(framed({ jsonrpc: '2.0', id: 1, method: 'certificate/list', params }));
  await engine.answer(({ method }) => method === '$/progress');
  const begin = process.hrtime.bigint();
  while (process.hrtime.bigint() - begin < 1_500_000_000n) await once(engine.child.stdout, 'data');
  engine.send(framed({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 1 } }));
  assert.equal((await engine.answer(({ id }) => id === 1)).error?.code, -32800);
  assert.equal(await engine.ended, 0);
});

/** Starts an engine with its own id as the parent's, passes its streams through, says the engine's id and waits. */
const intermediate = `
  const { spawn } = require('node:child_process');
  const engine = spawn(process.execPath, [process.argv[1], '--parent', String(process.pid)], { stdio: 'inherit' });
  setInterval(() => {}, 1000);
`;

test(
  'the end of the parent process ends the engine, though its input stays open',
  options,
  async (context) => {
    const parent = spawn(process.execPath, ['-e', intermediate, fixtureEngine], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const engine = follow(parent);
    const { result } = await engine.request(1, 'engine/info');
    const processId = result?.processId;
    assert.ok(typeof processId === 'number' && processId !== parent.pid);
    context.after(() => {
      if (isRunning(processId)) process.kill(processId, 'SIGKILL');
    });
    parent.kill('SIGKILL');
    // The pipes close when the last process that holds them has ended: the engine.
    assert.equal(await engine.ended, 'SIGKILL');
    assert.match(engine.standardError(), /^peak memory/);
  },
);

test('a parent that is gone already ends the engine', options, async (context) => {
  const gone = spawn(process.execPath, ['-e', '0']);
  await once(gone, 'exit');
  assert.equal(await startEngine(context, '--parent', String(gone.pid)).ended, 0);
});

test('a parent that lives keeps the engine', options, async (context) => {
  const engine = startEngine(context, '--parent', String(process.pid));
  assert.ok((await engine.request(1, 'engine/info')).result);
});

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}
