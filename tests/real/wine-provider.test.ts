/** Windows' smart card providers, asked through the helper's process under Wine. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
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
  readonly problems: readonly string[];
  readonly answered: boolean;
}

const rsa = readFileSync('tests/fixtures/certificates/user-rsa.der');
const ec = readFileSync('tests/fixtures/certificates/user-ec.der');
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

  /** Everything that was opened is closed again, and nothing was called in a wrong way. */
  function assertClean(): void {
    const log = logOf(wine);
    for (const provider of ['KSP', 'CSP']) {
      const count = (what: string) => log.filter((line) => line === `${provider} ${what}`).length;
      assert.equal(count('closed'), count('opened'));
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
    const nothing = { containers: [], problems: [], answered: true };
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
});
