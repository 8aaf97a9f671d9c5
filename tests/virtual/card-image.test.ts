import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CertPropError } from '../../engine/errors.js';
import { readCardImage, writeCardImage } from '../../engine/virtual/card-image.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';

describe('a card image', () => {
  test('holds the whole state', async () => {
    const { state } = await makeSampleCard();
    assert.deepEqual(readCardImage(writeCardImage(state)), structuredClone(state));
  });

  test('with anything missing, added or changed in kind is refused by name', async () => {
    const { state } = await makeSampleCard();
    const image = writeCardImage(state);
    const refused = (text: string, detail: RegExp) => {
      assert.throws(
        () => readCardImage(text),
        (error) =>
          error instanceof CertPropError && error.id === 'MalformedCardData' && detail.test(error.message),
      );
    };
    refused('', /JSON/);
    refused('null', /content/);
    refused(image.replace('"triesLeft": 3', '"triesLeft": 300'), /pin\.triesLeft/);
    refused(image.replace('"activated"', '"active"'), /activated/);
    refused(image.replace('"file": "A010"', '"file": "A01X"'), /files\.1\.file/);
    refused(' '.repeat(5 * 1024 * 1024), /4 MiB/);
  });

  test('that is truncated or altered gives a card or MalformedCardData, nothing else', async () => {
    const image = writeCardImage((await makeSampleCard()).state);
    fc.assert(
      fc.property(fc.nat(image.length - 1), fc.string({ maxLength: 3 }), fc.boolean(), (at, text, cut) => {
        try {
          readCardImage(image.slice(0, at) + text + (cut ? '' : image.slice(at + text.length)));
        } catch (error) {
          assert.ok(error instanceof CertPropError && error.id === 'MalformedCardData');
        }
      }),
    );
  });
});
