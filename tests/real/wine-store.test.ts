import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import fc from 'fast-check';
import { baseCsp, encodeKeyLink, smartCardKsp } from '../../engine/certificate/key-link.js';
import { profileStore } from '../../engine/store/profile.js';
import { propertyId } from '../../engine/store/property-id.js';
import { decodeElement, encodeElement, encodeText, maxElementBytes } from '../../engine/store/serialized.js';
import type { AddDisposition, CorruptEntry } from '../../engine/store/store.js';
import { ada, grace, type TestCertificate } from '../store/certificates.js';
import { skipWithoutWine, startWine, type Wine } from '../support/wine.js';
import { wineStores, type WineStores } from '../wine/store-bed.js';
import {
  perform,
  sortedList,
  type PropertyList,
  type StoreAnswer,
  type StoreOperation,
} from '../wine/store-operations.js';

const link = (container: string) =>
  hexOf(encodeKeyLink({ container, provider: baseCsp, providerType: 1, flags: 0, keySpec: 1 }));
const text = (value: string) => hexOf(encodeText(value));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const { keyProvInfo, sha1Hash, friendlyName, description } = propertyId;
/** CERT_ENROLLMENT_PROP_ID and CERT_RENEWAL_PROP_ID: CertProp knows neither. */
const [enrollment, renewal] = [26, 64];

const add = (
  certificate: TestCertificate,
  properties: PropertyList,
  disposition: AddDisposition,
): StoreOperation => ({
  do: 'add',
  certificate: Buffer.from(certificate.der).toString('base64'),
  properties,
  disposition,
});
const find = ({ thumbprint }: TestCertificate): StoreOperation => ({ do: 'find', thumbprint });
const remove = ({ thumbprint }: TestCertificate): StoreOperation => ({ do: 'remove', thumbprint });
const value = (of: unknown): StoreAnswer => ({ value: of });
const entry = ({ der, thumbprint }: TestCertificate, properties: PropertyList) => ({
  thumbprint,
  certificate: Buffer.from(der).toString('base64'),
  properties: sortedList(
    new Map([
      [sha1Hash, Buffer.from(thumbprint, 'hex')],
      ...properties.map(([id, hex]) => [id, Buffer.from(hex, 'hex')] as const),
    ]),
  ),
});

/** What is brought in every cell of the table. */
const brought: PropertyList = [
  [keyProvInfo, link('new')],
  [friendlyName, text('Ada')],
];
const stored: Readonly<Record<string, PropertyList | null>> = {
  absent: null,
  'the same without properties': [],
  'the same with another friendly name': [[friendlyName, text('Countess')]],
  'the same with another key link': [[keyProvInfo, link('old')]],
  'the same with a description': [[description, text('Mine')]],
  'the same with a property that CertProp does not know': [[renewal, '01020304']],
};
const exists: StoreAnswer = { error: { id: 'CertificateExists', thumbprint: ada.thumbprint } };
const over = (first: PropertyList, second: PropertyList): PropertyList => [...new Map([...first, ...second])];
/** Over a stored certificate: the answer and what the store holds then, from wincrypt.h's rules as engine/store/store.ts has them. */
const expected: Readonly<
  Record<AddDisposition, (was: PropertyList) => { answer: StoreAnswer; holds: PropertyList }>
> = {
  New: (was) => ({ answer: exists, holds: was }),
  Newer: (was) => ({ answer: exists, holds: was }),
  NewerInheritProperties: (was) => ({ answer: exists, holds: was }),
  UseExisting: (was) => ({ answer: value('Replaced'), holds: over(brought, was) }),
  ReplaceExisting: () => ({ answer: value('Replaced'), holds: brought }),
  Always: () => ({ answer: value('Replaced'), holds: brought }),
  ReplaceExistingInheritProperties: (was) => ({ answer: value('Replaced'), holds: over(was, brought) }),
};
const dispositions = Object.keys(expected) as AddDisposition[];

suite("crypt32's stores under Wine", { skip: skipWithoutWine() }, () => {
  let wine: Wine;
  let stores: WineStores;
  before(async () => {
    wine = await startWine();
    stores = await wineStores(wine);
  });
  after(() => wine.stop());

  const onProfile = async (operations: readonly StoreOperation[]): Promise<StoreAnswer[]> => {
    const store = profileStore(mkdtempSync(join(wine.folder, 'profile-')), 'My');
    const answers: StoreAnswer[] = [];
    for (const operation of operations) answers.push(await perform(store, operation));
    return answers;
  };
  /** In a new process; nothing of crypt32's may stay open. */
  const onWine = async (
    operations: readonly StoreOperation[],
    name = 'My',
  ): Promise<readonly StoreAnswer[]> => {
    const { answers, leftOpen } = await stores.run('CurrentUser', name, operations);
    assert.equal(leftOpen, 0);
    return answers;
  };

  for (const [what, was] of Object.entries(stored)) {
    test(`every disposition where the certificate is ${what}: as expected, and as in a profile`, async () => {
      const cells = dispositions.map((disposition) => {
        const change = add(ada, brought, disposition);
        return was === null
          ? [change, find(ada), remove(ada)]
          : [add(ada, was, 'Always'), change, find(ada), remove(ada)];
      });
      const wanted = dispositions.flatMap((disposition) => {
        const { answer, holds } =
          was === null ? { answer: value('Added'), holds: brought } : expected[disposition](was);
        const rest = [answer, value(entry(ada, holds)), value(true)];
        return was === null ? rest : [value('Added'), ...rest];
      });
      assert.deepEqual(await onWine(cells.flat()), wanted);
      assert.deepEqual(await onProfile(cells.flat()), wanted);
    });
  }

  test('any operations leave the same entries as in a profile', async () => {
    const property = fc.oneof(
      fc.tuple(fc.constant(keyProvInfo), fc.constantFrom('a', 'b').map(link)),
      fc.tuple(
        fc.constantFrom(friendlyName, description),
        fc.constantFrom('', 'Ada', '\u00e4\u{1f511}').map(text),
      ),
      fc.tuple(
        fc.constantFrom(enrollment, renewal),
        fc.uint8Array({ minLength: 1, maxLength: 40 }).map(hexOf),
      ),
    );
    const properties = fc.array(property, { maxLength: 4 }).map((list) => [...new Map(list)]);
    const certificate = fc.constantFrom(ada, grace);
    const operation: fc.Arbitrary<StoreOperation> = fc.oneof(
      {
        weight: 4,
        arbitrary: fc
          .tuple(certificate, properties, fc.constantFrom(...dispositions))
          .map((of) => add(...of)),
      },
      certificate.map(remove),
      certificate.map(({ thumbprint }) => ({ do: 'keep', thumbprint }) as const),
      certificate.map(find),
      fc.constant({ do: 'list' } as const),
    );
    const end: StoreOperation[] = [{ do: 'list' }, remove(ada), remove(grace), { do: 'list' }];
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 40 }), async (operations) => {
        const all = [...operations, ...end];
        assert.deepEqual(await onWine(all), await onProfile(all));
      }),
      { numRuns: 20 },
    );
  });

  test('a key link written is what Windows says of it, and the registry holds the element of the profile', async () => {
    const ksp = { container: 'a-1', provider: smartCardKsp, providerType: 0, flags: 1, keySpec: 0 };
    const written: PropertyList = [
      [keyProvInfo, hexOf(encodeKeyLink(ksp))],
      [friendlyName, text('Ada')],
      [description, text('CertProp: a mark')],
      [enrollment, '00ff10'],
    ];
    const change = [add(ada, written, 'ReplaceExistingInheritProperties')];
    assert.deepEqual(await onWine(change), [value('Added')]);
    const { keyProvInfo: said, blob } = await stores.facts(ada.thumbprint);
    assert.deepEqual(said, {
      container: 'a-1',
      provider: smartCardKsp,
      type: 0,
      flags: 1,
      parameters: 0,
      keySpec: 0,
    });
    const path = mkdtempSync(join(wine.folder, 'profile-'));
    for (const operation of change) await perform(profileStore(path, 'My'), operation);
    const file = readFileSync(join(path, 'SystemCertificates', 'My', 'Certificates', ada.thumbprint));
    const [inRegistry, inFile] = [decodeElement(Buffer.from(blob ?? '', 'hex')), decodeElement(file)];
    assert.deepEqual(sortedList(inRegistry.properties), sortedList(inFile.properties));
    assert.deepEqual(inRegistry.certificate, inFile.certificate);
    assert.deepEqual(await onWine([find(ada), remove(ada)]), [value(entry(ada, written)), value(true)]);
    assert.deepEqual(await onWine([find(ada), remove(ada)]), [value(null), value(false)]);
  });

  test('what is replaced and removed stays so in a new process, in every store', async () => {
    const places = [
      ['CurrentUser', 'My'],
      ['CurrentUser', 'Request'],
      ['CurrentUser', 'CA'],
      ['CurrentUser', 'Root'],
      ['LocalMachine', 'My'],
      ['LocalMachine', 'Root'],
      ['LocalMachine', 'CA'],
      ['LocalMachine', 'SmartCardRoot'],
    ] as const;
    for (const [location, name] of places) {
      const run = async (...operations: StoreOperation[]) =>
        (await stores.run(location, name, operations)).answers;
      const one: PropertyList = [[friendlyName, text('one')]];
      const other: PropertyList = [[description, text('other')]];
      assert.deepEqual(await run(add(ada, one, 'New')), [value('Added')], `${location} ${name}`);
      assert.deepEqual(await run(add(ada, other, 'ReplaceExisting')), [value('Replaced')]);
      assert.deepEqual(await run(find(ada), remove(ada)), [value(entry(ada, other)), value(true)]);
      assert.deepEqual(await run(find(ada)), [value(null)], `${location} ${name}`);
    }
  });

  test("the current user's stores do not show what the local machine's hold", async () => {
    for (const name of ['My', 'Root', 'CA']) {
      const machine = async (operation: StoreOperation) =>
        (await stores.run('LocalMachine', name, [operation])).answers;
      assert.deepEqual(await machine(add(grace, [], 'New')), [value('Added')]);
      assert.deepEqual(await onWine([find(grace), remove(grace)], name), [value(null), value(false)], name);
      assert.deepEqual(await machine(remove(grace)), [value(true)]);
    }
  });

  test('a store that nobody has used is empty; a mistyped one is an error, and neither is made by reading', async () => {
    assert.deepEqual(await onWine([{ do: 'list' }, find(ada), remove(ada)], 'TrustedPeople'), [
      value([]),
      value(null),
      value(false),
    ]);
    const missing: StoreAnswer = { error: { id: 'StoreNotFound', thumbprint: null } };
    const all: StoreOperation[] = [{ do: 'list' }, find(ada), remove(ada), add(ada, [], 'New')];
    assert.deepEqual(
      await onWine(all, 'Mu'),
      all.map(() => missing),
    );
    const { output } = await wine.run('reg', ['query', 'HKCU\\Software\\Microsoft\\SystemCertificates']);
    assert.match(output, /SystemCertificates\\My\s/u);
    assert.doesNotMatch(output, /TrustedPeople|Mu\s/u);
  });

  test('a store with any other name is used once it exists', async () => {
    const there = encodeElement(grace.der, new Map());
    await stores.plant('CurrentUser', 'Corporate', grace.thumbprint, hexOf(there));
    const answers = await onWine([add(ada, [], 'New'), find(ada), find(grace)], 'Corporate');
    assert.deepEqual(answers, [value('Added'), value(entry(ada, [])), value(entry(grace, []))]);
  });

  test('a damaged entry is reported and left alone, until Always writes over it', async () => {
    const corrupt = { id: 'MalformedStoreElement', thumbprint: ada.thumbprint };
    for (const [blob, problem] of [
      ['0b00', /cut off/u],
      [hexOf(encodeElement(grace.der, new Map())), /another thumbprint/u],
      ['00'.repeat(maxElementBytes + 1), /more than 1048576 bytes/u],
    ] as const) {
      await stores.plant('CurrentUser', 'My', ada.thumbprint, blob);
      const [list, ...answers] = await onWine([
        { do: 'list' },
        find(ada),
        remove(ada),
        add(ada, [], 'ReplaceExisting'),
        add(grace, [], 'New'),
        remove(grace),
      ]);
      assert.deepEqual(answers, [
        ...[corrupt, corrupt, corrupt].map((error) => ({ error })),
        value('Added'),
        value(true),
      ]);
      const entries = list !== undefined && 'value' in list ? (list.value as CorruptEntry[]) : [];
      assert.deepEqual(
        entries.map(({ name }) => name),
        [ada.thumbprint],
      );
      assert.match(entries[0]?.problem ?? '', problem);
      const rest = await onWine([add(ada, [], 'Always'), { do: 'list' }, remove(ada)]);
      assert.deepEqual(rest.slice(1), [value([entry(ada, [])]), value(true)]);
    }
  });

  test('a damaged file, where Windows keeps them for the current user, is an entry too', async () => {
    const users = join(wine.folder, 'prefix', 'drive_c', 'users');
    const user = readdirSync(users).find((name) => name !== 'Public') ?? '';
    const files = ['AppData', 'Roaming', 'Microsoft', 'SystemCertificates', 'My', 'Certificates'];
    const folder = join(users, user, ...files);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, ada.thumbprint), 'garbage');
    const [list, found, other] = await onWine([{ do: 'list' }, find(ada), find(grace)]);
    assert.match(JSON.stringify(list), new RegExp(`^\\{"value":\\[\\{"name":"${ada.thumbprint}"`, 'u'));
    assert.deepEqual(
      [found, other],
      [{ error: { id: 'MalformedStoreElement', thumbprint: ada.thumbprint } }, value(null)],
    );
    rmSync(join(users, user, ...files.slice(0, 4)), { recursive: true });
  });
});
