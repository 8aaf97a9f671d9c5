import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { encodeElement, maxElementBytes } from '../../engine/store/serialized.js';
import { ada, grace } from '../store/certificates.js';
import { bundleForWine, runNode } from '../support/wine-node.js';
import { skipWithoutWine, startWine, type Wine } from '../support/wine.js';
import type { HiveAnswer, HiveOperation, HiveRequest } from '../wine/hive-script.js';

/** Wine's own user, whose part of the registry is always loaded. */
const sid = 'S-1-5-21-0-0-0-1000';
const stores = `HKEY_USERS\\${sid}\\Software\\Microsoft\\SystemCertificates`;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const element = hex(encodeElement(ada.der, new Map([[11, Buffer.from('A\0d\0a\0\0\0', 'latin1')]])));
const other = hex(encodeElement(grace.der, new Map()));
const value = (of: unknown): HiveAnswer => ({ value: of });
const stored = (name: string, bytes: string) => value({ name, bytes, rights: null });

suite("a signed-in user's part of the registry, under Wine", { skip: skipWithoutWine() }, () => {
  let wine: Wine;
  let script: string;
  let linkScript: string;

  before(async () => {
    wine = await startWine();
    script = await bundleForWine(wine, 'tests/wine/hive-script.ts');
    linkScript = await bundleForWine(wine, 'tests/wine/registry-link-script.ts');
  });
  after(async () => wine.stop());

  async function ask(
    operations: readonly HiveOperation[],
    place: Partial<Omit<HiveRequest, 'operations'>> = {},
  ): Promise<readonly HiveAnswer[]> {
    const [request, answers] = [join(wine.folder, 'request.json'), join(wine.folder, 'answers.json')];
    const asked: HiveRequest = { sid, folder: 'Certificates', ...place, operations };
    writeFileSync(request, JSON.stringify(asked));
    const { exitCode, errors } = await runNode(wine, script, [wine.path(request), wine.path(answers)]);
    assert.equal(exitCode, 0, errors);
    return JSON.parse(readFileSync(answers, 'utf8')) as HiveAnswer[];
  }

  /** Imports keys and values; `null` removes the key. */
  async function plant(keys: Readonly<Record<string, string | null>>): Promise<void> {
    const file = join(wine.folder, 'plant.reg');
    const sections = Object.entries(keys).map(([key, values]) =>
      values === null ? `[-${key}]` : `[${key}]\r\n${values}`,
    );
    writeFileSync(file, `REGEDIT4\r\n\r\n${sections.join('\r\n\r\n')}\r\n`);
    const { exitCode, output } = await wine.run('reg', ['import', wine.path(file)]);
    assert.equal(exitCode, 0, output);
  }

  /** @param link a path below HKEY_USERS */
  async function linkAt(
    ...[action, link, target]: ['make', string, string] | ['remove', string]
  ): Promise<void> {
    const path = link.slice('HKEY_USERS\\'.length);
    const { exitCode, errors } = await runNode(wine, linkScript, [action, path, target ?? '']);
    assert.equal(exitCode, 0, errors);
  }

  const blob = (bytes: string) => `"Blob"=hex:${bytes.replace(/..(?=.)/gu, '$&,')}`;

  test('a certificate is found, read and removed byte for byte, and put back', async () => {
    await plant({ [`${stores}\\My\\Certificates\\${ada.thumbprint}`]: blob(element) });
    const name = ada.thumbprint;
    assert.deepEqual(
      await ask([
        { do: 'thumbprints' },
        { do: 'read', name },
        { do: 'remove', name, bytes: other },
        { do: 'remove', name, bytes: element },
        { do: 'remove', name, bytes: element },
        { do: 'files' },
      ]),
      [
        value([ada.thumbprint]),
        stored(ada.thumbprint, element),
        value('Changed'),
        value('Removed'),
        value('Gone'),
        value([]),
      ],
    );
    assert.deepEqual(await ask([{ do: 'create', name, bytes: element }]), [value('Created')]);
    const again: HiveOperation[] = [
      { do: 'create', name, bytes: other },
      { do: 'read', name },
    ];
    assert.deepEqual(await ask(again), [value('Exists'), stored(ada.thumbprint, element)]);
  });

  test('missing keys are made, and a key without a Blob is nothing and is filled', async () => {
    await plant({ [`${stores}\\My`]: null });
    const create: HiveOperation = { do: 'create', name: ada.thumbprint, bytes: element };
    assert.deepEqual(await ask([{ do: 'files' }, create, { do: 'files' }]), [
      value([]),
      value('Created'),
      value([{ name: ada.thumbprint, bytes: element, rights: null }]),
    ]);
    await plant({
      [`${stores}\\My\\Certificates`]: null,
      [`${stores}\\My\\Certificates\\${ada.thumbprint}`]: '',
    });
    assert.deepEqual(await ask([{ do: 'files' }, { do: 'read', name: ada.thumbprint }, create]), [
      value([]),
      value(null),
      value('Created'),
    ]);
  });

  test('the links of keys to their containers are kept beside them', async () => {
    const name = 'AB'.repeat(20);
    assert.deepEqual(
      await ask([{ do: 'create', name, bytes: '0102' }, { do: 'files' }], { folder: 'Keys' }),
      [value('Created'), value([{ name, bytes: '0102', rights: null }])],
    );
    const { output } = await wine.run('reg', ['query', `${stores}\\My\\Keys\\${name}`, '/v', 'Blob']);
    assert.match(output, /REG_BINARY\s+0102/u);
  });

  test('what is too large, or under the name of another certificate, is told and left alone', async () => {
    await plant({
      [`${stores}\\My\\Certificates`]: null,
      [`${stores}\\My\\Certificates\\${ada.thumbprint}`]: blob('00'.repeat(maxElementBytes + 1)),
      [`${stores}\\My\\Certificates\\${grace.thumbprint}`]: blob(element),
    });
    const [thumbprints] = await ask([{ do: 'thumbprints' }]);
    const problems = (thumbprints as { value: { name: string; problem: string }[] }).value;
    assert.deepEqual(problems.map(({ name }) => name).sort(), [ada.thumbprint, grace.thumbprint].sort());
    for (const { problem } of problems)
      assert.match(problem, /HKEY_USERS.*(?:more than|another thumbprint)/u);
  });

  test('no registry link is followed, wherever it is', async () => {
    const secret = `HKEY_LOCAL_MACHINE\\Software\\Secret`;
    const target = '\\Registry\\Machine\\Software\\Secret';
    const read: HiveOperation = { do: 'read', name: ada.thumbprint };
    const change: HiveOperation[] = [
      { do: 'create', name: grace.thumbprint, bytes: other },
      { do: 'remove', name: ada.thumbprint, bytes: element },
    ];
    for (const [link, below] of [
      [`${stores}\\My\\Certificates\\${ada.thumbprint}`, ''],
      [`${stores}\\My\\Certificates`, `\\${ada.thumbprint}`],
      [`${stores}\\My`, `\\Certificates\\${ada.thumbprint}`],
    ] as const) {
      await plant({ [`${stores}\\My`]: null, [secret]: null, [`${secret}${below}`]: blob(element) });
      await linkAt('make', link, target);
      const through = await wine.run('reg', ['query', `${link}${below}`]);
      assert.match(through.output, /Blob/u, `${link} leads there for whoever follows it`);
      const [found, ...changes] = await ask([read, ...change]);
      const isEntry = below === '';
      assert.deepEqual(found, { error: isEntry ? 'MalformedStoreElement' : 'LinkInProfile' }, link);
      assert.deepEqual(
        changes,
        isEntry
          ? [value('Created'), value('Changed')]
          : [{ error: 'LinkInProfile' }, { error: 'LinkInProfile' }],
        link,
      );
      const { output } = await wine.run('reg', ['query', secret, '/s']);
      assert.match(output, /Blob/u, link);
      assert.doesNotMatch(output, new RegExp(grace.thumbprint, 'u'), link);
      await linkAt('remove', link);
    }
  });

  test('a user who is not signed in is an error that says so', async () => {
    assert.deepEqual(await ask([{ do: 'files' }], { sid: 'S-1-5-21-9-9-9-9' }), [
      { error: 'StoreUnavailable' },
    ]);
  });
});
