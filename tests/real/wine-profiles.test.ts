import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { maxElementBytes } from '../../engine/store/serialized.js';
import { attacks, secret } from '../profiles/attack-bed.js';
import { componentsBelow, elementOf } from '../profiles/bed.js';
import { ada, grace } from '../store/certificates.js';
import { bundleForWine, runNode } from '../support/wine-node.js';
import { skipWithoutWine, startWine, type Wine } from '../support/wine.js';
import type { AttackCase, AttackReport } from '../wine/attack-script.js';
import type { Listing, PlainFile, ProfileAnswer, ProfileOperation } from '../wine/profile-operations.js';
import type { ProfileRequest } from '../wine/profile-script.js';

/** A profile `ada` and a folder outside it, as Linux paths. */
interface Bed {
  readonly folder: string;
  readonly root: string;
  readonly certificates: string;
  readonly keys: string;
  readonly outside: string;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const adaElement = elementOf(ada);
const list: ProfileOperation = { do: 'list' };
const read: ProfileOperation = { do: 'read', name: ada.thumbprint };
const find: ProfileOperation = { do: 'find', name: ada.thumbprint };
const remove: ProfileOperation = { do: 'remove', name: ada.thumbprint, bytes: base64(adaElement) };
const create = (rights: string | null = null): ProfileOperation => ({
  ...{ do: 'create', name: ada.thumbprint, bytes: base64(adaElement), rights },
});
const value = (of: unknown): ProfileAnswer => ({ value: of });

/** Every path below a folder. */
const treeOf = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

const valueOf = (answer: ProfileAnswer | undefined): unknown => {
  assert.ok(answer !== undefined && 'value' in answer, JSON.stringify(answer));
  return answer.value;
};
const errorOf = (answer: ProfileAnswer | undefined): string =>
  answer !== undefined && 'error' in answer ? answer.error.id : JSON.stringify(answer);

suite('profile folders under Wine', { skip: skipWithoutWine() }, () => {
  let wine: Wine;
  let [operate, attack] = ['', ''];
  before(async () => {
    wine = await startWine();
    operate = await bundleForWine(wine, 'tests/wine/profile-script.ts');
    attack = await bundleForWine(wine, 'tests/wine/attack-script.ts');
  });
  after(() => wine.stop());

  const makeBed = (): Bed => {
    const folder = mkdtempSync(join(wine.folder, 'bed-'));
    const root = join(folder, 'ada');
    const certificates = join(root, ...componentsBelow);
    const outside = join(folder, 'outside');
    mkdirSync(certificates, { recursive: true });
    mkdirSync(outside);
    return { folder, root, certificates, keys: join(certificates, '..', 'Keys'), outside };
  };

  /** In a new process. */
  const ask = async (script: string, folder: string, asked: unknown): Promise<unknown> => {
    const [request, answer] = [join(folder, 'request.json'), join(folder, 'answer.json')];
    writeFileSync(request, JSON.stringify(asked));
    const { exitCode, errors } = await runNode(wine, script, [wine.path(request), wine.path(answer)]);
    assert.equal(exitCode, 0, errors);
    return JSON.parse(readFileSync(answer, 'utf8'));
  };
  const runAll = async (folder: string, requests: readonly ProfileRequest[]) =>
    (await ask(operate, folder, requests)) as ProfileAnswer[][];
  const run = async ({ folder, root }: Bed, ...operations: ProfileOperation[]) =>
    (await runAll(folder, [{ root: wine.path(root), operations }]))[0] ?? [];

  suite('A store', () => {
    test('is listed, read, removed and made again, byte for byte and with its rights', async () => {
      const bed = makeBed();
      const path = join(bed.certificates, ada.thumbprint);
      writeFileSync(path, adaElement);
      chmodSync(path, 0o604);
      const [listed, got] = await run(bed, list, read);
      const file = valueOf(got) as PlainFile;
      assert.deepEqual(valueOf(listed), { good: [file], corrupt: [] });
      assert.deepEqual([file.name, file.bytes], [ada.thumbprint, base64(adaElement)]);

      const other: ProfileOperation = { ...remove, bytes: base64(elementOf(grace)) };
      const answers = await run(bed, other, remove, remove, read, create(file.rights), create(), read);
      assert.deepEqual(
        answers,
        ['Changed', 'Removed', 'Gone', null, 'Created', 'Exists', file].map((each) => ({ value: each })),
      );
      assert.deepEqual(readFileSync(path), Buffer.from(adaElement));
      assert.deepEqual(readdirSync(join(bed.certificates, '..')), ['Certificates'], 'nothing else is left');
    });

    test('is empty where there is none, and made with the first certificate', async () => {
      const bed = makeBed();
      rmSync(join(bed.root, 'AppData'), { recursive: true });
      const empty = value({ good: [], corrupt: [] });
      assert.deepEqual(await run(bed, list, find, remove), [empty, value(null), value('Gone')]);
      assert.deepEqual(readdirSync(bed.root), [], 'asking makes nothing');
      assert.deepEqual(await run(bed, create(), find), [value('Created'), value(ada.thumbprint)]);
    });

    test('is reached by any way to write the path, however long', async () => {
      const bed = makeBed();
      const long = join(bed.folder, ...Array.from({ length: 3 }, () => 'x'.repeat(100)));
      mkdirSync(long, { recursive: true });
      renameSync(bed.root, join(long, 'ada'));
      const root = wine.path(join(long, 'ada'));
      const paths = [root, `${root}\\`, `${root}\\.`, root.toUpperCase(), `\\\\?\\${root}`];
      const operations = [create(), find, remove];
      const answers = await runAll(
        bed.folder,
        paths.map((path) => ({ root: path, operations })),
      );
      const expected = [value('Created'), value(ada.thumbprint), value('Removed')];
      assert.deepEqual(
        answers,
        paths.map(() => expected),
      );
    });

    test('does not exist without the profile', async () => {
      const bed = makeBed();
      rmSync(bed.root, { recursive: true });
      assert.deepEqual((await run(bed, list, read, create())).map(errorOf), [
        ...['StoreUnavailable', 'StoreUnavailable', 'StoreUnavailable'],
      ]);
    });

    test('is locked against the profile’s own user, as that locks it', async () => {
      const [answer] = await run(makeBed(), { do: 'addAtOnce', certificate: base64(ada.der) });
      const { outcomes, isThere } = valueOf(answer) as { outcomes: string[]; isThere: boolean };
      assert.deepEqual(outcomes, ['Added', ...Array.from({ length: 19 }, () => 'Unchanged')]);
      assert.equal(isThere, true);
    });

    test('keeps the links to key containers, and loses what a program that died has left', async () => {
      const bed = makeBed();
      mkdirSync(bed.keys);
      writeFileSync(join(bed.keys, grace.thumbprint), 'link');
      const stray = join(bed.certificates, '..', `CertProp-${'0a'.repeat(16)}.tmp`);
      writeFileSync(stray, 'half');
      const [keys] = await run(bed, { do: 'listKeys' }, create());
      const { good } = valueOf(keys) as Listing;
      assert.deepEqual(
        good.map(({ name, bytes }) => [name, bytes]),
        [[grace.thumbprint, base64(Buffer.from('link'))]],
      );
      assert.equal(existsSync(stray), false);
    });

    test('gives files away by a privilege that is in force no longer than that', async () => {
      const bed = makeBed();
      const [privilege, damaged, there] = await run(bed, { do: 'privilege' }, create('AQAEgA=='), list);
      assert.deepEqual(valueOf(privilege), [false, true, false, false]);
      assert.equal(errorOf(damaged), 'MalformedStoreElement', 'rights that are cut off');
      assert.deepEqual(valueOf(there), { good: [], corrupt: [] });
      assert.deepEqual(readdirSync(join(bed.certificates, '..')), ['Certificates'], 'nothing else is left');
    });

    test('of thousands of certificates is read whole', async () => {
      const bed = makeBed();
      const names = Array.from({ length: 3000 }, (_, index) =>
        index.toString(16).padStart(40, '0').toUpperCase(),
      );
      for (const name of names) writeFileSync(join(bed.certificates, name), name);
      const { good, corrupt } = valueOf((await run(bed, list))[0]) as Listing;
      assert.deepEqual(corrupt, []);
      assert.deepEqual(
        good.map(({ name }) => name),
        names,
      );
      assert.ok(good.every(({ name, bytes }) => bytes === base64(Buffer.from(name))));
    });
  });

  /** Everything that is no entry, though it has an entry's name. Wine shows a link to nothing as nothing. */
  const hostile: Readonly<Record<string, (path: string, outside: string) => void>> = {
    'a link to a file outside': (path, outside) => {
      writeFileSync(join(outside, 'x'), adaElement);
      symlinkSync(join(outside, 'x'), path);
    },
    'a link to a file of the same name': (path, outside) => {
      writeFileSync(join(outside, ada.thumbprint), adaElement);
      symlinkSync(join(outside, ada.thumbprint), path);
    },
    'a link to a folder': (path, outside) => symlinkSync(outside, path),
    'a hard link to a file outside': (path, outside) => {
      writeFileSync(join(outside, 'x'), adaElement);
      linkSync(join(outside, 'x'), path);
    },
    'a folder': (path) => mkdirSync(path),
    'a file of 200 MB': (path) => {
      writeFileSync(path, '');
      truncateSync(path, 200 * 1024 * 1024);
    },
    'a file of one byte too many': (path) => writeFileSync(path, new Uint8Array(maxElementBytes + 1)),
  };

  test('what has an entry’s name and is none is named, and left alone', async () => {
    const operations = [list, find, read, remove, create()];
    const beds = Object.entries(hostile).map(([what, plant]) => {
      const bed = makeBed();
      plant(join(bed.certificates, ada.thumbprint), bed.outside);
      writeFileSync(join(bed.certificates, grace.thumbprint), elementOf(grace));
      return { what, bed, before: treeOf(bed.folder) };
    });
    const answers = await runAll(
      wine.folder,
      beds.map(({ bed }) => ({ root: wine.path(bed.root), operations })),
    );
    for (const [index, { what, bed, before }] of beds.entries()) {
      const [listed, ...others] = answers[index] ?? [];
      const { good, corrupt } = valueOf(listed) as Listing;
      const names = [good, corrupt].map((files) => files.map(({ name }) => name));
      assert.deepEqual(names, [[grace.thumbprint], [ada.thumbprint]], what);
      const malformed = 'MalformedStoreElement';
      assert.deepEqual(others.slice(0, 2).map(errorOf), [malformed, malformed], what);
      assert.deepEqual(others.slice(2), [value('Changed'), value('Exists')], what);
      assert.deepEqual(treeOf(bed.folder), before, what);
    }
  });

  /** A link from AppData to another AppData is seen by Windows only: see docs/windows.md. */
  const linked = componentsBelow.flatMap((component, index) =>
    ['elsewhere', ...(index === 0 ? [] : [component])].map((name) => ({ component, index, name })),
  );

  test('what is no folder in the place of one is refused: a link, wherever it leads, and a file', async () => {
    const operations = [list, read, remove, create()];
    const beds = linked.map(({ component, index, name }) => {
      const bed = makeBed();
      const path = join(bed.root, ...componentsBelow.slice(0, index + 1));
      writeFileSync(join(bed.certificates, ada.thumbprint), adaElement);
      renameSync(path, join(bed.outside, name));
      symlinkSync(join(bed.outside, name), path);
      return { what: `${component} is a link to ${name}`, bed, before: treeOf(bed.folder) };
    });
    const bed = makeBed();
    rmSync(bed.certificates, { recursive: true });
    writeFileSync(bed.certificates, '');
    beds.push({ what: 'a file', bed, before: treeOf(bed.folder) });

    const requests = beds.map((each) => ({ root: wine.path(each.bed.root), operations }));
    const answers = await runAll(wine.folder, requests);
    for (const [index, each] of beds.entries()) {
      const refused = operations.map(() => 'LinkInProfile');
      assert.deepEqual(answers[index]?.map(errorOf), refused, each.what);
      assert.deepEqual(treeOf(each.bed.folder), each.before, each.what);
    }
  });

  /**
   * A folder is exchanged for a link to outside right after it was opened. Another program on Windows can't: the folder is held. Where
   * somebody has another way to the disk, what is done is still done in the folder that was opened. Wine moves a new file by paths, so
   * that this last can't be shown for writing.
   */
  suite('The attack', () => {
    const makeCase = (
      attacker: AttackCase['attacker'],
      each: Pick<AttackCase, 'attack' | 'component' | 'isGuarded'>,
    ) => {
      const bed = makeBed();
      writeFileSync(join(bed.certificates, ada.thumbprint), adaElement);
      const target = join(bed.outside, ...componentsBelow.slice(each.component + 1));
      mkdirSync(target, { recursive: true });
      writeFileSync(join(target, ada.thumbprint), secret());
      return { bed, asked: { ...each, attacker, folder: wine.path(bed.folder) } };
    };

    /** Makes the link when it is asked for. */
    const planting = ({ bed, asked }: ReturnType<typeof makeCase>) => {
      const path = join(bed.root, ...componentsBelow.slice(0, asked.component + 1));
      return watch(bed.folder, (_, name) => {
        if (name !== 'ask' || existsSync(`${path}.planted`)) return;
        writeFileSync(`${path}.planted`, '');
        if (asked.attacker === 'BehindWindows') renameSync(path, `${path}.away`);
        symlinkSync(bed.outside, path);
        writeFileSync(join(bed.folder, 'done'), '');
      });
    };

    for (const attacker of ['OnWindows', 'BehindWindows'] as const) {
      test(`${attacker}: nothing outside is read, written or removed`, async () => {
        const able = attacks.filter(
          ({ what }) => attacker === 'OnWindows' || what !== 'write a file outside',
        );
        const cases = componentsBelow.flatMap((_, component) =>
          able.flatMap((each) =>
            [true, false].map((isGuarded) =>
              makeCase(attacker, { attack: attacks.indexOf(each), component, isGuarded }),
            ),
          ),
        );
        const before = cases.map(({ bed }) => treeOf(bed.outside));
        const planters = cases.map(planting);
        const asked = cases.map((each) => each.asked);
        const reports = (await ask(attack, wine.folder, asked)) as AttackReport[];
        for (const planter of planters) planter.close();
        for (const [index, each] of cases.entries()) {
          const { isGuarded, component } = each.asked;
          const what = `${attacks[each.asked.attack]?.what}, ${componentsBelow[component]}, ${isGuarded ? 'guarded' : 'by paths'}`;
          const { isReached, isExchanged } = reports[index] ?? {};
          assert.equal(isExchanged, !isGuarded || attacker === 'BehindWindows', `${what}: exchanged`);
          assert.equal(isReached, !isGuarded, what);
          if (isGuarded) assert.deepEqual(treeOf(each.bed.outside), before[index], what);
        }
      });
    }
  });
});
