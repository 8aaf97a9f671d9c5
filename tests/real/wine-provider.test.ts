/** Windows' smart card providers, asked through the helper's process under Wine. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import { longestElement } from '../../engine/provider/messages.js';
import { propertyId } from '../../engine/store/property-id.js';
import { encodeElement } from '../../engine/store/serialized.js';
import { hex } from '../../engine/text.js';
import { type DoubleFact, logOf, registerBaseCsp, setCards } from '../support/provider-doubles.js';
import { compileShim, skipWithoutMingw } from '../support/shims.js';
import { bundleForWine, runNode } from '../support/wine-node.js';
import { skipWithoutWine, startWine, type Wine } from '../support/wine.js';

interface Answer {
  readonly containers: readonly {
    readonly readerName: string;
    readonly provider: string;
    readonly container: string;
    readonly keySpec: number;
    readonly cardId: string | null;
    readonly certificate: Readonly<Record<string, number>> | null;
    readonly publicKey: { readonly kind: string } | null;
  }[];
  readonly stored: readonly {
    readonly readerName: string;
    readonly store: string;
    /** In hex, as the properties, which are by number. */
    readonly certificate: string;
    readonly properties: Readonly<Record<string, string>>;
  }[];
  readonly problems: readonly string[];
  readonly answered: boolean;
}

const rsa = readFileSync('tests/fixtures/certificates/user-rsa.der');
const ec = readFileSync('tests/fixtures/certificates/user-ec.der');
const root = readFileSync('tests/fixtures/certificates/bmp-name.der');
/** CERT_ENROLLMENT_PROP_ID (wincrypt.h): what is known of the request. No file on a card holds it. */
const enrollmentId = 26;
const enrollment = Buffer.from('0700000000000000', 'hex');
const userElement = encodeElement(rsa, new Map([[enrollmentId, enrollment]]));
const rootElement = encodeElement(root, new Map());
const guid = Buffer.from('00112233445566778899AABBCCDDEEFF', 'hex');
/** BCRYPT_RSAPUBLIC_BLOB, BCRYPT_ECCPUBLIC_BLOB (bcrypt.h) and PUBLICKEYBLOB (wincrypt.h) of small keys. */
const bcryptRsa = Buffer.from('525341310800000001000000010000000000000000000000' + '03' + 'C1', 'hex');
const bcryptEcc = Buffer.from('4543533101000000' + 'AABB', 'hex');
const capiRsa = Buffer.from('0602000000A40000' + '525341310800000001000100' + 'C1', 'hex');

suite('Windows providers under Wine', { skip: skipWithoutWine() || skipWithoutMingw() }, () => {
  let wine: Wine;
  let helper = '';
  let script = '';
  before(async () => {
    wine = await startWine({ shims: ['ncrypt', 'basecsp'].map(compileShim) });
    await registerBaseCsp(wine);
    helper = await bundleForWine(wine, 'engine/helper.ts');
    script = await bundleForWine(wine, 'tests/provider/windows-script.ts');
  });
  after(() => wine.stop());

  /** One answer for each reader. */
  async function ask(
    facts: readonly DoubleFact[],
    readers: readonly string[],
    milliseconds = 100_000,
  ): Promise<readonly Answer[]> {
    setCards(wine, facts);
    const values = [wine.path(helper), String(milliseconds), ...readers];
    const { output, exitCode } = await runNode(wine, script, values, { timeout: 200_000 });
    assert.equal(exitCode, 0);
    const lines = output.trimEnd().split('\n');
    assert.equal(lines.length, readers.length);
    return lines.map((line) => JSON.parse(line) as Answer);
  }

  function shown({ containers }: Answer): string[] {
    return containers.map(({ provider, container, keySpec, certificate, publicKey }) => {
      const name = provider.includes('Base') ? 'CSP' : 'KSP';
      const what = certificate === null ? 'key only' : `${Object.keys(certificate).length} bytes`;
      return `${name} ${container} ${keySpec} ${what} ${publicKey?.kind ?? 'no key'}`;
    });
  }

  /** In order: crypt32's stores have none. */
  function storedIn({ stored }: Answer): readonly string[] {
    const names: Readonly<Record<string, string>> = {
      ...{ [hex(rsa)]: 'user-rsa', [hex(ec)]: 'user-ec', [hex(root)]: 'bmp-name' },
    };
    return stored
      .map(({ readerName, store, certificate, properties }) => {
        const enrolled = properties[enrollmentId];
        const name = names[certificate] ?? certificate;
        return `${readerName} ${store} ${name}${enrolled === undefined ? '' : ` 26=${enrolled}`}`;
      })
      .sort();
  }

  function storesOpened(): Readonly<Record<string, number>> {
    const log = logOf(wine);
    const count = (provider: string) => log.filter((line) => line === `${provider} store opened`).length;
    return { CSP: count('CSP'), KSP: count('KSP') };
  }

  /** Everything that was opened is closed again, and nothing was called in a wrong way. */
  function assertClean(): void {
    const log = logOf(wine);
    for (const provider of ['KSP', 'CSP']) {
      const count = (what: string) => log.filter((line) => line === `${provider} ${what}`).length;
      assert.equal(count('closed'), count('opened'));
      assert.equal(count('store closed'), count('store opened'));
    }
    assert.deepEqual(
      log.filter((line) => line.includes('MISUSE')),
      [],
    );
  }

  test('each container comes with its certificate or its public key, and with the card’s GUID', async () => {
    const reader = 'Alpha 0';
    const [answer] = await ask(
      [
        { provider: 'KSP', reader, name: 'first', keySpec: 0, certificate: rsa, guid },
        { provider: 'KSP', reader, name: 'curve', keySpec: 0, certificate: ec, guid },
        { provider: 'KSP', reader, name: 'rsa key', keySpec: 0, blob: bcryptRsa },
        { provider: 'KSP', reader, name: 'ecc key', keySpec: 0, blob: bcryptEcc },
        { provider: 'KSP', reader, name: 'bare', keySpec: 0 },
        { provider: 'KSP', reader: 'Beta 0', name: 'other', keySpec: 0, certificate: rsa },
        { provider: 'CSP', reader, name: 'first', keySpec: 1, certificate: rsa, guid },
        { provider: 'CSP', reader, name: 'first', keySpec: 2, blob: capiRsa, guid },
        { provider: 'CSP', reader: 'Beta 0', name: 'other', keySpec: 1, certificate: rsa },
      ],
      [reader],
    );
    assert.ok(answer);
    assert.deepEqual(answer.problems, []);
    assert.deepEqual(shown(answer), [
      `CSP first 1 ${rsa.length} bytes RSA`,
      'CSP first 2 key only RSA',
      `KSP first 0 ${rsa.length} bytes RSA`,
      `KSP curve 0 ${ec.length} bytes EC`,
      'KSP rsa key 0 key only RSA',
      'KSP ecc key 0 key only EC',
      'KSP bare 0 key only no key',
    ]);
    const [{ certificate, cardId } = { certificate: null, cardId: null }] = answer.containers;
    assert.equal(cardId, guid.toString('hex').toUpperCase());
    assert.deepEqual(Buffer.from(Object.values(certificate ?? {})), rsa);
    assertClean();
  });

  test('a reader with a card that no minidriver knows has no containers, and nothing to tell', async () => {
    const unknown = { reader: 'Alpha 0', behavior: 'unknown' } as const;
    const facts = [
      { provider: 'KSP', ...unknown },
      { provider: 'CSP', ...unknown },
    ] as const;
    const answers = await ask(facts, ['Alpha 0', 'Empty 0']);
    const nothing = { containers: [], stored: [], problems: [], answered: true };
    assert.deepEqual(answers, [nothing, nothing]);
    assertClean();
  });

  test('one that crashes is told with reader and provider; the other provider and the other readers go on', async () => {
    const [crashed, other] = await ask(
      [
        { provider: 'KSP', reader: 'Alpha 0', behavior: 'crash' },
        { provider: 'CSP', reader: 'Alpha 0', name: 'first', keySpec: 1, certificate: rsa },
        { provider: 'KSP', reader: 'Beta 0', name: 'second', keySpec: 0, certificate: rsa },
      ],
      ['Alpha 0', 'Beta 0'],
    );
    assert.ok(crashed && other);
    assert.deepEqual(shown(crashed), [`CSP first 1 ${rsa.length} bytes RSA`]);
    assert.equal(crashed.problems.length, 1);
    assert.match(
      crashed.problems[0] ?? '',
      /^KeyProviderFailed: .*"Alpha 0".*"Microsoft Smart Card Key Storage Provider" did not get to its end: .* exit code/u,
    );
    assert.deepEqual([shown(other), other.problems], [[`KSP second 0 ${rsa.length} bytes RSA`], []]);
  });

  test('one that hangs is ended after the time limit, and named; the other provider’s answer counts', async () => {
    const [answer] = await ask(
      [
        { provider: 'CSP', reader: 'Alpha 0', behavior: 'hang' },
        { provider: 'KSP', reader: 'Alpha 0', name: 'first', keySpec: 0, certificate: rsa },
      ],
      ['Alpha 0'],
      15_000,
    );
    assert.ok(answer);
    assert.deepEqual(shown(answer), [`KSP first 0 ${rsa.length} bytes RSA`]);
    assert.equal(answer.problems.length, 1);
    assert.match(
      answer.problems[0] ?? '',
      /^KeyProviderTimeout: .*"Alpha 0".*"Microsoft Base Smart Card Crypto Provider" was not done after 15 s/u,
    );
  });

  for (const [behavior, expected] of [
    ['endless', /claims more than 256 containers/u],
    ['nameless', /names a container with 0 characters/u],
    ['long', /claims \d+ bytes in \w+ .*; at most \d+ are read/u],
  ] as const) {
    test(`those that lie (${behavior}) are told, and everything is closed`, async () => {
      const reader = 'Alpha 0';
      const [answer] = await ask(
        [
          { provider: 'KSP', reader, behavior },
          { provider: 'CSP', reader, behavior },
          { provider: 'KSP', reader, name: 'first', keySpec: 0, certificate: rsa },
          { provider: 'CSP', reader, name: 'first', keySpec: 1, certificate: rsa },
        ],
        [reader],
      );
      assert.ok(answer);
      for (const provider of ['Key Storage Provider', 'Base Smart Card']) {
        const told = answer.problems.filter((problem) => problem.includes(provider));
        assert.ok(
          told.some((problem) => expected.test(problem)),
          `${provider}: ${told.join('\n')}`,
        );
      }
      assert.ok(answer.containers.every(({ certificate }) => certificate === null));
      assertClean();
    });
  }

  test('certificates of the providers’ stores come with the properties that only these give them', async () => {
    const reader = 'Alpha 0';
    const [answer, other] = await ask(
      [
        { provider: 'CSP', reader, store: 'User', element: userElement },
        { provider: 'CSP', reader, store: 'User', element: encodeElement(ec, new Map()) },
        { provider: 'CSP', reader, store: 'Root', element: rootElement },
        { provider: 'KSP', reader, store: 'User', element: userElement },
        { provider: 'KSP', reader: 'Beta 0', store: 'Root', element: rootElement },
      ],
      [reader, 'Beta 0'],
    );
    assert.ok(answer && other);
    assert.deepEqual([answer.problems, other.problems], [[], []]);
    assert.deepEqual(storedIn(answer), [
      'Alpha 0 Root bmp-name',
      'Alpha 0 User user-ec',
      'Alpha 0 User user-rsa 26=0700000000000000',
      'Alpha 0 User user-rsa 26=0700000000000000',
    ]);
    assert.deepEqual(storedIn(other), ['Beta 0 Root bmp-name']);
    assert.deepEqual(storesOpened(), { CSP: 2, KSP: 2 });
    assertClean();
  });

  test('a key storage provider that can’t be limited to the reader is not asked for its stores', async () => {
    const reader = 'Alpha 0';
    const [answer] = await ask(
      [
        { provider: 'KSP', reader, behavior: 'all-readers' },
        { provider: 'KSP', reader, name: 'first', keySpec: 0, certificate: rsa },
        { provider: 'KSP', reader, store: 'Root', element: rootElement },
        { provider: 'CSP', reader, store: 'User', element: userElement },
      ],
      [reader],
    );
    assert.ok(answer);
    assert.deepEqual([answer.problems, shown(answer)], [[], [`KSP first 0 ${rsa.length} bytes RSA`]]);
    assert.deepEqual(storedIn(answer), ['Alpha 0 User user-rsa 26=0700000000000000']);
    assert.deepEqual(storesOpened(), { CSP: 1, KSP: 0 });
    assertClean();
  });

  for (const [behavior, expected] of [
    ['store-endless', /claims more than 256 certificates with its Root certificate store/u],
    ['store-long', /claims 9 bytes in \w+ .*; a handle has 8 with its Root certificate store/u],
    ['store-refused', /failed in \w+ \(.*\) \(0x80090010\) with its Root certificate store/u],
  ] as const) {
    test(`those that lie about their stores (${behavior}) are told; their containers count, and everything is closed`, async () => {
      const reader = 'Alpha 0';
      const [answer] = await ask(
        (['KSP', 'CSP'] as const).flatMap((provider) => [
          { provider, reader, behavior },
          { provider, reader, name: 'first', keySpec: provider === 'KSP' ? 0 : 1, certificate: rsa },
          { provider, reader, store: 'Root', element: rootElement },
        ]),
        [reader],
      );
      assert.ok(answer);
      assert.ok(answer.answered);
      assert.deepEqual(shown(answer), [
        `CSP first 1 ${rsa.length} bytes RSA`,
        `KSP first 0 ${rsa.length} bytes RSA`,
      ]);
      for (const provider of ['Key Storage Provider', 'Base Smart Card']) {
        const told = answer.problems.filter((problem) => problem.includes(provider));
        assert.ok(
          told.some((problem) => expected.test(problem)),
          `${provider}: ${told.join('\n')}`,
        );
      }
      assertClean();
    });
  }

  test('a certificate with properties beyond measure is told, and the store’s others count', async () => {
    const reader = 'Alpha 0';
    const large = encodeElement(rsa, new Map([[propertyId.friendlyName, new Uint8Array(longestElement)]]));
    const [answer] = await ask(
      [
        { provider: 'CSP', reader, store: 'User', element: large },
        { provider: 'CSP', reader, store: 'User', element: encodeElement(ec, new Map()) },
      ],
      [reader],
    );
    assert.ok(answer);
    assert.deepEqual(storedIn(answer), ['Alpha 0 User user-ec']);
    assert.equal(answer.problems.length, 1);
    assert.match(answer.problems[0] ?? '', /gives more than 131070 bytes with a certificate of its User/u);
    assertClean();
  });

  test('providers that crash over their stores have named their keys before: they have answered', async () => {
    const reader = 'Alpha 0';
    const [answer] = await ask(
      (['KSP', 'CSP'] as const).flatMap((provider) => [
        { provider, reader, behavior: 'store-crash' },
        { provider, reader, name: 'first', keySpec: provider === 'KSP' ? 0 : 1, certificate: rsa },
      ]),
      [reader],
    );
    assert.ok(answer);
    assert.deepEqual(
      [answer.answered, answer.containers.length, answer.stored, answer.problems.length],
      [true, 2, [], 2],
    );
  });
});
