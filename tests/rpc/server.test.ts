import assert from 'node:assert/strict';
import { test } from 'node:test';
import { behave, framed, startEngine } from './engine-process.js';
import { skipOnWindows } from './skip-on-windows.js';

const skip = skipOnWindows;

test('a request is answered with the result of its handler', { skip }, async (context) => {
  const engine = startEngine(context);
  const { result } = await engine.request(1, 'engine/info', {});
  assert.equal(result?.processId, engine.child.pid);
  assert.deepEqual((await engine.request('two', 'certificate/list', behave('nothing'))).result, { count: 0 });
});

test('a method that is not in the contract is answered with MethodNotFound', { skip }, async (context) => {
  const engine = startEngine(context);
  for (const method of ['certificate/delete', 'toString', '']) {
    const { error } = await engine.request(method, method);
    assert.equal(error?.code, -32601);
    assert.equal(error.message, `There is no method ${method}.`);
  }
});

test(
  'a parameter that does not fit is answered with InvalidParams, naming the field',
  { skip },
  async (context) => {
    const engine = startEngine(context);
    const { error } = await engine.request(1, 'certificate/list', {
      ...behave('nothing'),
      readers: ['R', 1],
    });
    assert.equal(error?.code, -32602);
    assert.deepEqual(error.data, { field: 'readers[1]' });
  },
);

test(
  'what is streamed comes in order and before the answer, under the token of its request',
  { skip },
  async (context) => {
    const engine = startEngine(context);
    const { result } = await engine.request(1, 'certificate/list', behave('stream three', 77));
    assert.deepEqual(result, { count: 3 });
    const streamed = engine.answers
      .slice(0, 3)
      .map(({ method, params }) => [method, params?.token, params?.value.message]);
    assert.deepEqual(streamed, [
      ['$/progress', 77, 'first'],
      ['$/progress', 77, 'second'],
      ['$/progress', 77, 'K\u00f6nig \u{1f4b3} \ud800'],
    ]);
  },
);

test('requests run at the same time', { skip }, async (context) => {
  const engine = startEngine(context);
  engine.send(framed({ jsonrpc: '2.0', id: 1, method: 'certificate/list', params: behave('never answer') }));
  await engine.request(2, 'engine/info');
  assert.deepEqual(
    engine.answers.map(({ id }) => id),
    [2],
  );
});

test(
  'more than 32 requests at once are refused, and can be sent again when others have ended',
  { skip },
  async (context) => {
    const engine = startEngine(context);
    const params = behave('until cancelled');
    for (let id = 1; id <= 33; id++)
      engine.send(framed({ jsonrpc: '2.0', id, method: 'certificate/list', params }));
    const { error } = await engine.answer(({ id }) => id === 33);
    assert.equal(error?.code, -32600);
    assert.match(error.message, /^More than 32 requests/);
    engine.send(framed({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 5 } }));
    await engine.answer(({ id }) => id === 5);
    assert.ok((await engine.request(34, 'engine/info')).result);
  },
);

test(
  'a cancelled request is answered with RequestCancelled, and the others go on',
  { skip },
  async (context) => {
    const engine = startEngine(context);
    for (const id of [1, 2]) {
      const params = behave('stream until cancelled', id);
      engine.send(framed({ jsonrpc: '2.0', id, method: 'certificate/list', params }));
    }
    for (const token of [1, 2]) await engine.answer(({ params }) => params?.token === token);
    engine.send(framed({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 1 } }));
    const { error } = await engine.answer(({ id }) => id === 1);
    assert.deepEqual(error, { code: -32800, message: 'certificate/list was cancelled.' });
    const seen = engine.answers.length;
    await engine.answer((answer) => answer.params?.token === 2 && engine.answers.indexOf(answer) >= seen);
  },
);

test('a request is cancelled even if the cancellation comes together with it', { skip }, async (context) => {
  const engine = startEngine(context);
  engine.send(
    framed({ jsonrpc: '2.0', id: 1, method: 'certificate/list', params: behave('until cancelled') }) +
      framed({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 1 } }),
  );
  assert.equal((await engine.answer(({ id }) => id === 1)).error?.code, -32800);
});

test('a cancellation of a request that is unknown or answered changes nothing', { skip }, async (context) => {
  const engine = startEngine(context);
  await engine.request(1, 'engine/info');
  for (const id of [1, 2]) engine.send(framed({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id } }));
  assert.ok((await engine.request(2, 'engine/info')).result);
});

test('an error of the product is answered with its identifier and details', { skip }, async (context) => {
  const engine = startEngine(context);
  const { error } = await engine.request(1, 'certificate/list', behave('product error'));
  const message = 'There is no card in R.';
  const data = { readerName: 'R', hresult: 0x8010000c, id: 'NoCard', message };
  assert.deepEqual(error, { code: -32000, message, data });
});

const defects: Record<string, RegExp> = {
  defect: /^certificate\/list failed unexpectedly \(TypeError: a\\u\{202e\}b\)\. [^\n]*$/,
  'throw at once': /^certificate\/list failed unexpectedly \(RangeError: thrown at once\)/,
  'fail with text': /^certificate\/list failed unexpectedly \(string\)/,
  'no such behavior': /^certificate\/list failed unexpectedly \(Error: not in this fixture\)/,
};

for (const [behavior, message] of Object.entries(defects)) {
  test(
    `a handler's ${behavior} is an InternalError without a stack, and the engine goes on`,
    { skip },
    async (context) => {
      const engine = startEngine(context);
      const { error } = await engine.request(1, 'certificate/list', behave(behavior));
      assert.equal(error?.code, -32603);
      assert.match(error.message, message);
      assert.deepEqual(error.data, { id: 'InternalError', message: error.message });
      assert.ok((await engine.request(2, 'engine/info')).result);
    },
  );
}

test('a method without a progress token cannot stream', { skip }, async (context) => {
  const engine = startEngine(context);
  assert.match((await engine.request(1, 'reader/list')).error?.message ?? '', /no progress token/);
});

test(
  'a message above 1 MiB is not sent: its request fails with MessageTooLarge',
  { skip },
  async (context) => {
    const engine = startEngine(context);
    for (const behavior of ['huge error', 'stream a huge event']) {
      const { error } = await engine.request(behavior, 'certificate/list', behave(behavior));
      assert.equal(error?.code, -32000);
      assert.equal(error.data?.id, 'MessageTooLarge');
      assert.match(error.message, / has [0-9]{7} bytes, and at most 1048576 /);
    }
    assert.equal(engine.answers.length, 2);
  },
);

test('what is printed goes to standard error', { skip }, async (context) => {
  const engine = startEngine(context);
  await engine.request(1, 'certificate/list', behave('print to standard output'));
  assert.equal(engine.answers.length, 1);
  engine.child.stdin.end();
  assert.equal(await engine.ended, 0);
  for (const text of ['stray log\n', 'stray error\n', 'stray write\n'])
    assert.ok(engine.standardError().includes(text));
});

test('that nobody reads standard error ends nothing', { skip }, async (context) => {
  const engine = startEngine(context);
  engine.child.stderr.destroy();
  for (const id of [1, 2, 3]) {
    assert.ok((await engine.request(id, 'certificate/list', behave('print to standard output'))).result);
  }
});
