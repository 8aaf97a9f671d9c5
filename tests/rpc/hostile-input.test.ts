import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { bodyLimit } from '../../engine/rpc/framing.js';
import { type EngineProcess, behave, framed, startEngine } from './engine-process.js';
import { skipOnWindows } from './skip-on-windows.js';

const skip = skipOnWindows;
/** Only so that a broken engine fails the test instead of hanging it. */
const timeout = 120_000;
const options = { skip, timeout };

const info = (id: number): string => framed({ jsonrpc: '2.0', id, method: 'engine/info' });

/** Sends as fast as the engine takes it, until it is all sent or the engine has ended. */
async function pour(engine: EngineProcess, piece: Buffer, times: number): Promise<void> {
  const { stdin } = engine.child;
  for (let count = 0; count < times && !stdin.destroyed; count++) {
    await new Promise((resolve) => stdin.write(piece, resolve));
  }
}

function peakMemory(engine: EngineProcess): number {
  return Number(/^peak memory: ([0-9]+) MiB$/m.exec(engine.standardError())?.[1]);
}

/** What an engine needs that is asked one question, in MiB. */
async function ordinaryMemory(context: TestContext): Promise<number> {
  const engine = startEngine(context);
  await engine.request(1, 'engine/info');
  engine.child.stdin.end();
  await engine.ended;
  return peakMemory(engine);
}

async function assertParseErrorAndEnd(engine: EngineProcess): Promise<void> {
  const { error } = await engine.answer(({ id }) => id === null);
  assert.equal(error?.code, -32700);
  assert.equal(await engine.ended, 2);
}

const unreadable: Record<string, string> = {
  'no header': '{"jsonrpc":"2.0","id":1,"method":"engine/info"}\n',
  'an HTTP request': 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'a second Content-Length': 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n',
  'a body of 16 MiB and 1': `Content-Length: ${bodyLimit + 1}\r\n\r\n`,
  'a body that is not JSON': 'Content-Length: 4\r\n\r\nnul,',
};

for (const [what, bytes] of Object.entries(unreadable)) {
  test(
    `after ${what} the engine answers ParseError and ends with 2, though its input stays open`,
    options,
    async (context) => {
      const engine = startEngine(context);
      engine.send(info(1) + bytes);
      await assertParseErrorAndEnd(engine);
      assert.ok(
        engine.answers.some(({ id, result }) => id === 1 && result !== undefined),
        'the request before it',
      );
    },
  );
}

test('a truncated message at the end of input is a ParseError', options, async (context) => {
  const engine = startEngine(context);
  engine.child.stdin.end(info(1).slice(0, -1));
  await assertParseErrorAndEnd(engine);
});

const unfit = [
  null,
  1,
  'text',
  true,
  [],
  [{ jsonrpc: '2.0', id: 1, method: 'engine/info' }],
  {},
  { jsonrpc: '2.0', method: '$/cancelRequest' },
];

test(
  'JSON that is no request is answered with InvalidRequest, and the engine goes on',
  options,
  async (context) => {
    const engine = startEngine(context);
    engine.send(unfit.map(framed).join(''));
    assert.ok((await engine.request(1, 'engine/info')).result);
    const codes = engine.answers.filter(({ id }) => id === null).map(({ error }) => error?.code);
    assert.deepEqual(
      codes,
      unfit.map(() => -32600),
    );
  },
);

test('a byte order mark before the first message is dropped', options, async (context) => {
  const engine = startEngine(context);
  engine.send('\ufeff');
  assert.ok((await engine.request(1, 'engine/info')).result);
});

test('requests that come together, or byte by byte, are each answered', options, async (context) => {
  const engine = startEngine(context);
  const ids = Array.from({ length: 300 }, (_, index) => index);
  engine.send(ids.slice(0, 290).map(info).join(''));
  for (const byte of Buffer.from(ids.slice(290).map(info).join(''))) engine.send(Uint8Array.of(byte));
  await engine.answer(({ id }) => id === ids.at(-1));
  assert.deepEqual(
    engine.answers.map(({ id, result }) => result && id),
    ids,
  );
});

test('notifications of any kind are passed over', options, async (context) => {
  const engine = startEngine(context);
  for (const method of ['exit', '$/progress', '$/setTrace', '$/logTrace', 'engine/info', '__proto__']) {
    for (const params of [undefined, {}, [], [1, 2], { token: {} }])
      engine.send(framed({ jsonrpc: '2.0', method, params }));
  }
  await engine.request(1, 'engine/info');
  assert.equal(engine.answers.length, 1);
});

test(
  'whatever bytes come, the engine ends: with 0, or with 2 after a ParseError',
  options,
  async (context) => {
    const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    const almost = fc
      .tuple(fc.json(), fc.integer({ min: -2, max: 2 }))
      .map(([json, error]) =>
        Buffer.from(`Content-Length: ${Buffer.byteLength(json) + error}\r\n\r\n${json}`),
      );
    const message = fc
      .record(
        {
          jsonrpc: fc.constant('2.0'),
          method: fc.constantFrom('engine/info', 'plan/apply', '$/cancelRequest', 'x'),
          id: fc.jsonValue(),
          params: fc.jsonValue(),
        },
        { requiredKeys: ['jsonrpc'] },
      )
      .map((value) => Buffer.from(framed(value)));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(message, message, almost, noise), { maxLength: 8 }),
        async (pieces) => {
          const engine = startEngine(context);
          engine.child.stdin.end(Buffer.concat(pieces));
          const exitCode = await engine.ended;
          const isParseError = engine.answers.some(({ id, error }) => id === null && error?.code === -32700);
          assert.equal(exitCode, isParseError ? 2 : 0, engine.standardError());
          assert.match(engine.standardError(), /^peak memory: [0-9]+ MiB\n$/);
        },
      ),
      { numRuns: 25 },
    );
  },
);

test('a header that never ends costs no memory', options, async (context) => {
  const ordinary = await ordinaryMemory(context);
  const engine = startEngine(context);
  await pour(engine, Buffer.alloc(1024 * 1024, 'X'), 100);
  await assertParseErrorAndEnd(engine);
  assert.ok(peakMemory(engine) < ordinary + 20, `${peakMemory(engine)} against ${ordinary} MiB`);
});

test('a body that is declared and not sent costs no memory', options, async (context) => {
  const ordinary = await ordinaryMemory(context);
  const engine = startEngine(context);
  await engine.request(1, 'engine/info');
  engine.child.stdin.end(`Content-Length: ${bodyLimit}\r\n\r\n{`);
  await assertParseErrorAndEnd(engine);
  assert.ok(peakMemory(engine) < ordinary + 10, `${peakMemory(engine)} against ${ordinary} MiB`);
});

test('a body of 16 MiB in small pieces costs a few times its size', options, async (context) => {
  const ordinary = await ordinaryMemory(context);
  const engine = startEngine(context);
  engine.send(`Content-Length: ${bodyLimit}\r\n\r\n`);
  await pour(engine, Buffer.alloc(1024, ' '), bodyLimit / 1024);
  await assertParseErrorAndEnd(engine);
  assert.ok(peakMemory(engine) < ordinary + 100, `${peakMemory(engine)} against ${ordinary} MiB`);
});

test('JSON that is nested a million times is answered', options, async (context) => {
  const engine = startEngine(context);
  const body = `{"jsonrpc":"2.0","id":1,"method":"engine/info","params":{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}}`;
  engine.send(`Content-Length: ${body.length}\r\n\r\n${body}`);
  assert.deepEqual((await engine.answer(({ id }) => id === 1)).error?.data, { field: 'a' });
});

test(
  'a flood of notifications costs no memory, and a request after it is answered',
  options,
  async (context) => {
    const ordinary = await ordinaryMemory(context);
    const engine = startEngine(context);
    const piece = framed({ jsonrpc: '2.0', method: 'x' }).repeat(1000);
    await pour(engine, Buffer.from(piece), 200);
    assert.ok((await engine.request(1, 'engine/info')).result);
    engine.child.stdin.end();
    assert.equal(await engine.ended, 0);
    assert.ok(peakMemory(engine) < ordinary + 60, `${peakMemory(engine)} against ${ordinary} MiB`);
  },
);

test('a client that asks and asks and never reads is left', options, async (context) => {
  const engine = startEngine(context);
  await engine.request(0, 'engine/info');
  engine.child.stdout.pause();
  const exit = once(engine.child, 'exit');
  for (let id = 1; id <= 40; id++) {
    const params = behave('stream without waiting');
    engine.send(framed({ jsonrpc: '2.0', id, method: 'certificate/list', params }));
  }
  assert.deepEqual(await exit, [0, null]);
  engine.child.stdout.resume();
  await engine.ended;
  assert.ok(peakMemory(engine) < 300, `${peakMemory(engine)} MiB`);
});
