/**
 * Reparse points as Windows gives them to its file functions, which Wine 8 has none of: a stand-in of ntdll.dll answers with what
 * [MS-FSCC] says.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CertPropError } from '../../engine/errors.js';
import type { CreateRequest, Ntdll } from '../../engine/native/ntdll.js';
import { rootsOf } from '../../engine/profiles/windows-roots.js';
import { ntStatus } from '../../engine/profiles/nt-status.js';
import { WindowsFiles } from '../../engine/profiles/windows-files.js';
import { allInformation, mountPoint, volumeRoot } from './nt-samples.js';

interface Entry {
  readonly attributes: number;
  /** REPARSE_DATA_BUFFER. */
  readonly reparseData?: Buffer;
  /** From the volume's root. */
  readonly name: string;
  /** Instead of success. */
  readonly status?: number;
}

const [plainFolder, reparseFolder, reparseFile] = [0x10, 0x410, 0x420];

/** @param entries by their whole names, as the object manager has them */
function standIn(entries: Readonly<Record<string, Entry>>) {
  const requests: CreateRequest[] = [];
  const open = new Map<number, string>();
  const entryOf = (handle: number | bigint) => entries[open.get(Number(handle)) ?? ''];
  const filled = (from: Buffer, into: Uint8Array) => ({ status: 0, length: from.copy(into) });
  const unused = (): never => {
    throw new Error('Not in this test');
  };
  const ntdll: Ntdll = {
    create(request) {
      requests.push(request);
      const above = request.folder === null ? '' : `${open.get(Number(request.folder))}\\`;
      const name = `${above}${request.name}`;
      const status = entries[name] === undefined ? ntStatus.nameNotFound : (entries[name].status ?? 0);
      const handle = requests.length;
      if (status < 0x8000_0000) open.set(handle, name);
      return { status, handle };
    },
    close: (handle) => void open.delete(Number(handle)),
    queryInformation(handle, _, into) {
      const { name = '', attributes = 0 } = entryOf(handle) ?? {};
      return filled(allInformation(name, attributes), into);
    },
    control: (handle, _, into) => filled(entryOf(handle)?.reparseData ?? Buffer.alloc(0), into),
    ...{ read: unused, write: unused, flush: unused, setInformation: unused },
    ...{ queryDirectory: unused, querySecurity: unused, setSecurity: unused },
  };
  const openRoot = rootsOf({ files: new WindowsFiles(ntdll), withRestore: unused });
  return { openRoot, requests, leftOpen: () => open.size };
}

const isRefused = (error: unknown) => error instanceof CertPropError && error.id === 'LinkInProfile';
const root = 'C:\\Users\\ada';
const native = '\\??\\C:\\Users\\ada';

suite('A profile’s root on Windows', () => {
  test('that is a volume’s mount point is entered by the volume’s own name', () => {
    const { openRoot, requests, leftOpen } = standIn({
      [native]: { attributes: reparseFolder, reparseData: mountPoint(volumeRoot), name: '\\Users\\ada' },
      [volumeRoot]: { attributes: plainFolder, name: '\\' },
      [`${volumeRoot}\\AppData`]: { attributes: plainFolder, name: '\\AppData' },
    });
    const folder = openRoot(root);
    assert.equal(folder.path, root);
    const below = folder.openFolder('AppData');
    assert.equal(below?.path, 'C:\\Users\\ada\\AppData');
    assert.deepEqual(
      requests.map(({ name }) => name),
      [native, volumeRoot, 'AppData'],
    );
    below.close();
    folder.close();
    assert.equal(leftOpen(), 0);
  });

  for (const [what, entry] of Object.entries<Entry>({
    'a junction': {
      attributes: reparseFolder,
      reparseData: mountPoint('\\??\\C:\\Users\\Default'),
      name: '',
    },
    'a junction to a folder of a volume': {
      ...{ attributes: reparseFolder, reparseData: mountPoint(`${volumeRoot}Windows`), name: '' },
    },
    'a link whose data can’t be read': { attributes: reparseFolder, name: '' },
    'a link to a file': { attributes: reparseFile, name: '' },
    'a file': { attributes: 0x20, name: '', status: ntStatus.notAFolder },
  })) {
    test(`that is ${what} is refused, and not opened any further`, () => {
      const { openRoot, requests, leftOpen } = standIn({ [native]: entry });
      assert.throws(() => openRoot(root), isRefused);
      assert.deepEqual([requests.length, leftOpen()], [1, 0]);
    });
  }
});

suite('Below the root on Windows', () => {
  const bed = (entry: Entry) =>
    standIn({
      [native]: { attributes: plainFolder, name: '\\Users\\ada' },
      [`${native}\\AppData`]: entry,
    });

  for (const [what, entry] of Object.entries<Entry>({
    'a mount point, of a volume too': {
      ...{ attributes: reparseFolder, reparseData: mountPoint(volumeRoot), name: '\\Users\\ada\\AppData' },
    },
    'a symbolic link': { attributes: reparseFolder, name: '\\Users\\ada\\AppData' },
    'a folder that is elsewhere': { attributes: plainFolder, name: '\\Users\\eve\\Elsewhere' },
  })) {
    test(`${what} is refused`, () => {
      const { openRoot, leftOpen } = bed(entry);
      const folder = openRoot(root);
      assert.throws(() => folder.openFolder('AppData'), isRefused);
      assert.equal(folder.openFile('AppData', 'Read'), 'NoRegularFile');
      assert.equal(folder.look('AppData')?.isFile, false);
      folder.close();
      assert.equal(leftOpen(), 0);
    });
  }

  test('everything is opened itself, and held so that nobody can rename it', () => {
    const { openRoot, requests } = bed({ attributes: plainFolder, name: '\\Users\\ada\\AppData' });
    openRoot(root).openFolder('AppData');
    for (const { options, share, access } of requests) {
      assert.equal(options & 0x20_0000, 0x20_0000, 'FILE_OPEN_REPARSE_POINT');
      assert.equal(options & 0x4000, 0, 'no FILE_OPEN_FOR_BACKUP_INTENT, which rights are not asked for');
      assert.equal(share & 0x4, 0, 'no FILE_SHARE_DELETE');
      assert.notEqual(
        access & 0x1,
        0,
        'FILE_LIST_DIRECTORY, without which the share mode counts for nothing',
      );
    }
  });

  test('what somebody holds with an oplock is not waited for', () => {
    const { openRoot, leftOpen } = bed({
      ...{ attributes: 0x20, name: '\\Users\\ada\\AppData', status: ntStatus.oplockBreakInProgress },
    });
    const folder = openRoot(root);
    assert.throws(() => folder.openFile('AppData', 'Read'), /held by another program/u);
    folder.close();
    assert.equal(leftOpen(), 0);
  });
});
