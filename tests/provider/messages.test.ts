import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseMessage, problemWith } from '../../engine/provider/messages.js';

const container = {
  ...{ kind: 'Container', container: 'lr-1', keySpec: 1, cardId: '00112233445566778899AABBCCDDEEFF' },
  ...{ certificate: 'REVS', keyBlob: null },
};

const stored = { kind: 'StoreCertificate', store: 'Root', element: 'REVS' };

for (const said of [container, stored, { kind: 'Listed' }]) {
  test(`a message of the kind ${said.kind} is taken as it was said`, () => {
    assert.deepEqual(parseMessage(JSON.stringify(said)), said);
  });
}

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
  'a store that there is none of': { ...stored, store: 'My' },
  'an element that is no base64': { ...stored, element: '*' },
  'a large element': { ...stored, element: 'A'.repeat(200_000) },
})) {
  test(`${what} is refused`, () => {
    assert.equal(parseMessage(JSON.stringify(wrong)), null);
  });
}

const kinds = ['Container', 'Listed', 'StoreCertificate', 'Problem', 'Failed', 'Done'];

test('whatever a minidriver writes, a message comes out or nothing', () => {
  const lines = [container, stored].map((said) => JSON.stringify(said));
  const damaged = fc
    .tuple(fc.constantFrom(...lines), fc.nat(JSON.stringify(container).length), fc.string())
    .map(([line, at, put]) => line.slice(0, at) + put + line.slice(at + put.length));
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), damaged);
  fc.assert(
    fc.property(text, (said) => {
      const message = parseMessage(said);
      assert.ok(message === null || kinds.includes(message.kind));
    }),
    { numRuns: 5000 },
  );
});
