import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseMessage, problemWith } from '../../engine/provider/messages.js';

const container = {
  ...{ kind: 'Container', container: 'lr-1', keySpec: 1, cardId: '00112233445566778899AABBCCDDEEFF' },
  ...{ certificate: 'REVS', keyBlob: null },
};

test('a container’s message is taken as it was said', () => {
  assert.deepEqual(parseMessage(JSON.stringify(container)), container);
});

test('a problem is cut to what the other side takes', () => {
  assert.equal(parseMessage(JSON.stringify(problemWith('x'.repeat(1_000_000))))?.kind, 'Problem');
});

for (const [what, wrong] of Object.entries({
  'another kind': { ...container, kind: 'Token' },
  'an unknown field': { ...container, more: 1 },
  'a missing field': { ...container, certificate: undefined },
  'an empty name': { ...container, container: '' },
  'a long name': { ...container, container: 'x'.repeat(1025) },
  'a key spec that there is none of': { ...container, keySpec: 3 },
  'a card id that is no GUID': { ...container, cardId: '00' },
  'a certificate that is no base64': { ...container, certificate: '*' },
  'a large certificate': { ...container, certificate: 'A'.repeat(100_000) },
  'a large key': { ...container, keyBlob: 'A'.repeat(8000) },
})) {
  test(`${what} is refused`, () => {
    assert.equal(parseMessage(JSON.stringify(wrong)), null);
  });
}

test('whatever a minidriver writes, a message comes out or nothing', () => {
  const line = JSON.stringify(container);
  const damaged = fc
    .tuple(fc.nat(line.length), fc.string())
    .map(([at, put]) => line.slice(0, at) + put + line.slice(at + put.length));
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), damaged);
  fc.assert(
    fc.property(text, (said) => {
      const message = parseMessage(said);
      assert.ok(message === null || ['Container', 'Problem', 'Failed', 'Done'].includes(message.kind));
    }),
    { numRuns: 5000 },
  );
});
