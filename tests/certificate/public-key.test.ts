import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { test } from 'node:test';
import { samePublicKey } from '../../engine/certificate/public-key.js';

test('RSA keys are the same whatever zeros lead their numbers', () => {
  const a = { kind: 'RSA', modulus: Uint8Array.of(0, 0xc5, 1), exponent: Uint8Array.of(1, 0, 1) } as const;
  const b = { kind: 'RSA', modulus: Uint8Array.of(0xc5, 1), exponent: Uint8Array.of(0, 1, 0, 1) } as const;
  assert.equal(samePublicKey(a, b), true);
});

test('RSA keys that differ in modulus or exponent are different', () => {
  const key = { kind: 'RSA', modulus: Uint8Array.of(0xc5, 1), exponent: Uint8Array.of(1, 0, 1) } as const;
  assert.equal(samePublicKey(key, { ...key, modulus: Uint8Array.of(0xc5, 2) }), false);
  assert.equal(samePublicKey(key, { ...key, exponent: Uint8Array.of(3) }), false);
});

test('an EC point is the same compressed and uncompressed', () => {
  const pair = createECDH('prime256v1');
  const uncompressed = { kind: 'EC', point: pair.generateKeys() } as const;
  const compressed = { kind: 'EC', point: pair.getPublicKey(null, 'compressed') } as const;
  assert.equal(samePublicKey(uncompressed, compressed), true);
  const other = { kind: 'EC', point: createECDH('prime256v1').generateKeys() } as const;
  assert.equal(samePublicKey(uncompressed, other), false);
  assert.equal(samePublicKey(compressed, other), false);
});

test('keys of different kinds are never the same', () => {
  const rsa = { kind: 'RSA', modulus: Uint8Array.of(4), exponent: Uint8Array.of(3) } as const;
  assert.equal(samePublicKey(rsa, { kind: 'EC', point: Uint8Array.of(4) }), false);
});
