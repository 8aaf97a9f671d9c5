import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CertPropError, type ErrorId } from '../../engine/errors.js';

/** Runs a parser on outside bytes: it may answer, or throw the product's own error with this id, and nothing else. */
export function assertOnlyThrows(id: ErrorId, parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    assert.ok(error instanceof CertPropError, `threw ${String(error)}`);
    assert.equal(error.id, id);
  }
}

/** A valid message as an attacker or a bad disk leaves it: cut off, with one bit flipped, or with bytes added. */
export function damagedFrom(valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return valid.chain((bytes) =>
    fc.oneof(
      fc.nat(bytes.length).map((length) => bytes.subarray(0, length)),
      fc.nat(Math.max(8 * bytes.length - 1, 0)).map((bit) => withBitFlipped(bytes, bit)),
      fc.uint8Array({ minLength: 1, maxLength: 40 }).map((more) => Buffer.concat([bytes, more])),
    ),
  );
}

function withBitFlipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const index = bit >> 3;
  copy[index] = (copy[index] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
