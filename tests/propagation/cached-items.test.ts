import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { cachedNames, compare, questionAbout, type OnCard } from '../../engine/propagation/cached-items.js';
import { ecCertificate, ecCertificateFile, rsaCertificateFile } from '../card/fixtures.js';

const counters = {
  ...{ version: 0, pinsFreshness: 1, containersFreshness: 3, filesFreshness: 0x104 },
  trailing: new Uint8Array(),
};

const found = (value: Uint8Array) => ({ kind: 'Found', length: value.length, value }) as const;
const file = (bytes: Uint8Array | null): OnCard => ({ kind: 'File', bytes });
const counter = (value: number): OnCard => ({ kind: 'Counter', value });

/** The item as Windows' minidriver keeps it, made when the counters were 0, 2 and 7. */
const withHeader = (data: Uint8Array): Uint8Array => {
  const header = Buffer.from('01000200070000000000000000000000', 'hex');
  header.writeUInt32LE(data.length, 12);
  return Buffer.concat([header, data]);
};

const stateOf = (onCard: OnCard, value: Uint8Array): string => compare(onCard, 4, found(value)).state;

describe("what Windows' cache is asked for", () => {
  test('the container map, each certificate file and the counters, each with the counter that tells of it', () => {
    const questions = cachedNames(['kxc00', 'ksc0a']).map((cached) => questionAbout(cached, counters));
    assert.deepEqual(
      questions.map(({ name, freshness }) => [name, freshness]),
      [
        ['Cached_CardmodFile\\Cached_Pin_Freshness', 1],
        ['Cached_CardmodFile\\Cached_Container_Freshness', 3],
        ['Cached_CardmodFile\\Cached_File_Freshness', 0x104],
        ['Cached_CardmodFile\\Cached_CMAPFile', 3],
        ['Cached_GeneralFile/mscp/cmapfile', 3],
        ['Cached_GeneralFile/mscp/kxc00', 0x104],
        ['Cached_GeneralFile/mscp/ksc0a', 0x104],
      ],
    );
  });
});

describe('a copy in the cache', () => {
  test("is Same if it is the card's file, with a header or without", () => {
    assert.equal(stateOf(file(ecCertificateFile), ecCertificateFile), 'Same');
    assert.equal(stateOf(file(ecCertificateFile), withHeader(ecCertificateFile)), 'Same');
    assert.equal(stateOf(file(new Uint8Array()), withHeader(new Uint8Array())), 'Same');
  });

  test('is Same if it holds the same certificate in another packing', () => {
    for (const value of [ecCertificate, withHeader(ecCertificate)]) {
      const { state, detail } = compare(file(ecCertificateFile), 4, found(value));
      assert.equal(state, 'Same');
      assert.match(detail, /of the same certificate/u);
    }
  });

  test('Differs if it is another certificate, a damaged one, or of a file that the card does not have', () => {
    assert.equal(stateOf(file(ecCertificateFile), rsaCertificateFile), 'Differs');
    assert.equal(stateOf(file(ecCertificateFile), ecCertificateFile.subarray(0, -1)), 'Differs');
    assert.equal(stateOf(file(null), ecCertificateFile), 'Differs');
    assert.equal(stateOf(file(null), new Uint8Array()), 'Differs');
  });

  test('of a counter is a number of one or two bytes', () => {
    assert.equal(stateOf(counter(4), Uint8Array.of(4)), 'Same');
    assert.equal(stateOf(counter(0x104), Uint8Array.of(4, 1)), 'Same');
    assert.equal(stateOf(counter(4), withHeader(Uint8Array.of(4, 0))), 'Same');
    assert.equal(stateOf(counter(0x104), Uint8Array.of(4)), 'Differs');
    for (const value of [new Uint8Array(), Uint8Array.of(4, 0, 0)])
      assert.equal(stateOf(counter(4), value), 'Differs');
    assert.match(
      compare(counter(5), 5, found(Uint8Array.of(4))).detail,
      /is 4; on the card the counter is 5/u,
    );
  });

  test('tells its length with the header, and what the counters were when it was made', () => {
    const { length, detail } = compare(file(ecCertificateFile), 4, found(withHeader(ecCertificateFile)));
    assert.equal(length, ecCertificateFile.length + 16);
    assert.match(detail, /0 \(PINs\), 2 \(containers\) and 7 \(files\)/u);
  });

  test("that is longer than any card's file Differs, with its length", () => {
    const { state, length } = compare(counter(1), 1, { kind: 'Found', length: 1_000_000, value: null });
    assert.deepEqual([state, length], ['Differs', 1_000_000]);
  });

  test('that is not there is NotCached; one that went with the question is Stale, and the detail says so', () => {
    const missing = compare(file(null), 4, { kind: 'NotFound' });
    assert.deepEqual([missing.state, missing.length], ['NotCached', null]);
    const stale = compare(file(null), 4, { kind: 'Stale' });
    assert.deepEqual([stale.state, stale.length], ['Stale', null]);
    assert.match(stale.detail, /not of freshness 4.*deleted it/u);
  });

  test('is compared whatever bytes it has', () => {
    const anything = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(anything, anything, (onCard, value) => {
        const { state } = compare(file(onCard), 4, found(withHeader(value)));
        if (Buffer.compare(onCard, value) === 0) assert.equal(state, 'Same');
        else assert.ok(['Same', 'Differs'].includes(state));
        assert.ok(['Same', 'Differs'].includes(stateOf(counter(4), value)));
      }),
    );
  });
});
