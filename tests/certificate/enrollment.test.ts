import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseEnrollment } from '../../engine/certificate/enrollment.js';
import { damagedFrom } from '../store/hostile.js';
import { encodeEnrollment } from '../support/enrollment.js';

const bytes = (...hexLines: string[]) => Buffer.from(hexLines.join('').replaceAll(' ', ''), 'hex');

test('a pending request is read from bytes that were laid out by hand', () => {
  const written = bytes(
    '2a000000', // request 42
    '03000000 6300 6100 0000', // "ca"
    '02000000 4100 0000', // "A"
    '01000000 0000', // ""
  );
  assert.deepEqual(parseEnrollment(written), {
    ...{ requestId: 42, caDnsName: 'ca', caName: 'A', friendlyName: '' },
  });
});

test('a size of 0 stands for an empty name', () => {
  assert.deepEqual(parseEnrollment(bytes('ffffffff', '00000000', '00000000', '00000000')), {
    ...{ requestId: 0xffffffff, caDnsName: '', caName: '', friendlyName: '' },
  });
});

const [dns, ca, none] = ['02000000 6300 0000', '02000000 4100 0000', '01000000 0000'];
const wrong: Readonly<Record<string, Uint8Array>> = {
  'nothing at all': bytes(),
  'a request id that is cut off': bytes('2a0000'),
  'a request id alone': bytes('2a000000'),
  'two names instead of three': bytes('2a000000', dns, ca),
  'a name that is cut off': bytes('2a000000', dns, ca, '02000000 4100 00'),
  'a name without its terminator': bytes('2a000000', dns, ca, '02000000 4100 4200'),
  'a name that ends before its terminator': bytes('2a000000', dns, ca, '03000000 4100 0000 0000'),
  'a size of 4294967295 characters': bytes('2a000000', 'ffffffff 6300 0000', ca, none),
  'a byte after the last name': bytes('2a000000', dns, ca, none, '00'),
};

for (const [what, value] of Object.entries(wrong)) {
  test(`${what} is no enrollment`, () => {
    assert.equal(parseEnrollment(value), null);
  });
}

test('a name may have 1,024 characters and no more', () => {
  const named = (length: number) => ({
    ...{ requestId: 1, caDnsName: 'c'.repeat(length), caName: 'A', friendlyName: '' },
  });
  assert.deepEqual(parseEnrollment(encodeEnrollment(named(1024))), named(1024));
  assert.equal(parseEnrollment(encodeEnrollment(named(1025))), null);
});

const name = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\0'));
const enrollments = fc
  .tuple(fc.integer({ min: 0, max: 0xffffffff }), name, name, name)
  .map(([requestId, caDnsName, caName, friendlyName]) => ({ requestId, caDnsName, caName, friendlyName }));

test('every enrollment reads back as it was written', () => {
  fc.assert(
    fc.property(enrollments, (enrollment) => {
      assert.deepEqual(parseEnrollment(encodeEnrollment(enrollment)), enrollment);
    }),
  );
});

test('damaged enrollments and random bytes are read or are none, and nothing throws', () => {
  const data = fc.oneof(fc.uint8Array({ maxLength: 300 }), damagedFrom(enrollments.map(encodeEnrollment)));
  fc.assert(
    fc.property(data, (damaged) => {
      const enrollment = parseEnrollment(damaged);
      if (enrollment !== null) assert.deepEqual(parseEnrollment(encodeEnrollment(enrollment)), enrollment);
    }),
    { numRuns: 1000 },
  );
});
