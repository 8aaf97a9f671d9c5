import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { failed } from '../../engine/helper/messages.js';
import { parseMessage } from '../../engine/pkcs11/messages.js';

const certificate = { label: 'User', id: '0A', value: 'REVS', hasKey: true };
const token = {
  kind: 'Token',
  slotDescription: 'Reader',
  label: 'Token',
  serialNumber: '1',
  manufacturer: 'Maker',
  model: 'Model',
  certificates: [certificate],
  problems: ['failed'],
};

test('a token’s message is taken as it was said', () => {
  assert.deepEqual(parseMessage(JSON.stringify(token)), token);
});

test('the reason of a failure is cut to what the other side takes', () => {
  const message = parseMessage(JSON.stringify(failed('x'.repeat(1_000_000))));
  assert.equal(message?.kind, 'Failed');
});

for (const [what, wrong] of Object.entries({
  'another kind': { kind: 'Other' },
  'an unknown field': { ...token, more: 1 },
  'a missing field': { ...token, label: undefined },
  'a long label': { ...token, label: 'x'.repeat(1025) },
  'an odd id': { ...token, certificates: [{ ...certificate, id: '0' }] },
  'a value that is no base64': { ...token, certificates: [{ ...certificate, value: '*' }] },
  'too many certificates': { ...token, certificates: new Array(1001).fill(certificate) },
})) {
  test(`${what} is refused`, () => {
    assert.equal(parseMessage(JSON.stringify(wrong)), null);
  });
}

test('whatever a module writes, a message comes out or nothing', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json());
  const damaged = fc.tuple(fc.nat(JSON.stringify(token).length), fc.string()).map(([at, put]) => {
    const line = JSON.stringify(token);
    return line.slice(0, at) + put + line.slice(at + put.length);
  });
  fc.assert(
    fc.property(fc.oneof(text, damaged), (line) => {
      const message = parseMessage(line);
      assert.ok(message === null || ['Token', 'Failed', 'Done'].includes(message.kind));
    }),
    { numRuns: 5000 },
  );
});
