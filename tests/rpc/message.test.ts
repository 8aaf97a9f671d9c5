import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asciiJson, idOf, isMessage } from '../../engine/rpc/message.js';

test('any text survives as ASCII', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = asciiJson({ text });
      assert.match(json, /^[\x20-\x7e]*$/);
      assert.deepEqual(JSON.parse(json), { text });
    }),
  );
});

test('any UTF-16, lone surrogates too, survives as ASCII', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffff)), (units) => {
      const text = String.fromCharCode(...units);
      assert.equal(JSON.parse(asciiJson(text)), text);
    }),
  );
});

const cancel = { jsonrpc: '2.0', method: '$/cancelRequest' };

const messages: Record<string, unknown> = {
  'a request': { jsonrpc: '2.0', id: 1, method: 'm' },
  'a request with text as id': { jsonrpc: '2.0', id: '', method: 'm', params: [] },
  'a notification': { jsonrpc: '2.0', method: 'm', params: {} },
  'a cancellation': { ...cancel, params: { id: 'x' } },
};

const others: Record<string, unknown> = {
  null: null,
  text: 'm',
  'a batch': [{ jsonrpc: '2.0', id: 1, method: 'm' }],
  'an empty batch': [],
  'an answer': { jsonrpc: '2.0', id: 1, result: null },
  'another version': { jsonrpc: '1.0', id: 1, method: 'm' },
  'no version': { id: 1, method: 'm' },
  'no method': { jsonrpc: '2.0', id: 1 },
  'a number as method': { jsonrpc: '2.0', id: 1, method: 1 },
  'null as id': { jsonrpc: '2.0', id: null, method: 'm' },
  'an object as id': { jsonrpc: '2.0', id: { toString: 1 }, method: 'm' },
  'a fraction as id': { jsonrpc: '2.0', id: 1.5, method: 'm' },
  'a long id': { jsonrpc: '2.0', id: 'x'.repeat(257), method: 'm' },
  'text as params': { jsonrpc: '2.0', id: 1, method: 'm', params: 'p' },
  'null as params': { jsonrpc: '2.0', id: 1, method: 'm', params: null },
  'a cancellation of nothing': cancel,
  'a cancellation without id': { ...cancel, params: {} },
  'a cancellation of null': { ...cancel, params: { id: null } },
  'a cancellation of an object': { ...cancel, params: { id: {} } },
};

for (const [what, value] of Object.entries(messages))
  test(`a message: ${what}`, () => {
    assert.ok(isMessage(value));
  });
for (const [what, value] of Object.entries(others))
  test(`no message: ${what}`, () => {
    assert.ok(!isMessage(value));
  });

test('the answer to what is no message carries its id where it has a usable one', () => {
  assert.equal(idOf({ id: 7 }), 7);
  assert.equal(idOf({ id: 'seven' }), 'seven');
  for (const value of [null, 1, [], [{ id: 1 }], {}, { id: {} }, { id: 'x'.repeat(257) }])
    assert.equal(idOf(value), null);
});
