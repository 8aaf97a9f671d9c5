import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keySizeBits } from '../../engine/certificate/key-size.js';

const rsa = (modulus: Uint8Array): number =>
  keySizeBits({ kind: 'RSA', modulus, exponent: Uint8Array.of(3) });
const ec = (first: number, length: number): number => {
  const point = new Uint8Array(length);
  point[0] = first;
  return keySizeBits({ kind: 'EC', point });
};

test('of an RSA key it is the bits of its modulus, without leading zeros', () => {
  assert.equal(rsa(new Uint8Array(256).fill(0xff)), 2048);
  assert.equal(rsa(Uint8Array.of(0, ...new Uint8Array(256).fill(0x80))), 2048);
  assert.equal(rsa(Uint8Array.of(0x7f, 0xff)), 15);
  assert.equal(rsa(Uint8Array.of(0)), 0);
});

test("of a curve's key it is that of the field", () => {
  assert.deepEqual([ec(4, 65), ec(2, 33), ec(4, 97), ec(4, 133), ec(3, 67)], [256, 256, 384, 521, 521]);
});
