/** Finding the PKCS #15 application on a card (PKCS #15 v1.1, 5.6; ISO/IEC 7816-15:2016, 7). */
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { announceExtendedLength, sendCommand } from './apdu.js';
import { endOfObjects } from './pkcs15-asn1.js';
import { parseObjectDirectory, type Directory } from './pkcs15-directory.js';
import { readApplicationTemplates } from './pkcs15-ef-dir.js';
import { cardFiles, type CardFiles } from './pkcs15-files.js';
import type { FilePath } from './pkcs15-path.js';
import { selectName, type Home } from './pkcs15-select.js';
import { statusWords } from './status-word.js';

/** A card whose PKCS #15 application was found. It is good for one transaction. */
export interface Pkcs15 {
  readonly card: SmartCardConnection;
  readonly path: FilePath;
  readonly files: CardFiles;
  readonly directories: readonly Directory[];
}

/** `ByName`: by the identifiers known here only. `Thorough`: also by EF.DIR, and where cards without it have their files. */
export type Search = 'ByName' | 'Thorough';

/** Where the application's files are unless EF.DIR says otherwise. */
const usualPath = '5015';
const objectDirectory = '5031';

/** RID A000000063 and "PKCS-15". */
const pkcs15Name = Buffer.from('A000000063504B43532D3135', 'hex');

interface Applet {
  readonly name: Uint8Array;
  /** Asks the selected applet what its ATR doesn't tell. */
  readonly learnCapabilities: (card: SmartCardConnection) => Promise<void>;
}

/** Applets with PKCS #15 files under their own name, which answer to nothing before they are selected; then the master file is current. */
const applets: readonly Applet[] = [
  // IsoApplet (OpenSC's driver isoApplet).
  { name: Buffer.from('F276A288BCFBA69D34F31001', 'hex'), learnCapabilities: learnIsoAppletCapabilities },
];

/**
 * @returns null if the card has no such application
 * @throws CertPropError CardCommandFailed or MalformedCardData if its object directory can't be read, and all that `transmit` throws
 */
export async function findPkcs15(card: SmartCardConnection, search: Search): Promise<Pkcs15 | null> {
  for await (const home of homes(card, search)) {
    const files = cardFiles(card, home);
    const odf = await readObjectDirectory(files, home.path);
    if (odf === null) continue;
    return { card, path: home.path, files, directories: parseObjectDirectory(odf, home.path) };
  }
  return null;
}

/** The places to look in, those that cost least first; one with a name is selected when it is given. */
async function* homes(card: SmartCardConnection, search: Search): AsyncGenerator<Home> {
  if (await selectName(card, pkcs15Name)) {
    yield { name: pkcs15Name, path: usualPath, start: usualPath };
  }
  for (const { name, learnCapabilities } of applets) {
    if (!(await selectName(card, name))) continue;
    await learnCapabilities(card);
    yield { name, path: usualPath, start: '' };
  }
  if (search === 'ByName') return;
  for (const { name, path } of await readApplicationTemplates(card)) {
    if (path !== null) yield { name: null, path, start: '' };
    else if (await selectName(card, name)) yield { name, path: usualPath, start: usualPath };
  }
  yield { name: null, path: usualPath, start: '' };
}

/** Null where there is none, and where it can't be read, as on cards that take any SELECT for their own; a wanted PIN is an error. */
async function readObjectDirectory(files: CardFiles, application: FilePath): Promise<Uint8Array | null> {
  try {
    return await files.readFile(application + objectDirectory, endOfObjects);
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    const isAbsent =
      error.id === 'CardObjectNotFound' ||
      (error.id === 'CardCommandFailed' &&
        error.details.statusWord !== statusWords.securityStatusNotSatisfied);
    if (isAbsent) return null;
    throw error;
  }
}

/** GET DATA 0101: two bytes of version, then features, of which bit 1 is extended length. */
async function learnIsoAppletCapabilities(card: SmartCardConnection): Promise<void> {
  const { statusWord, data } = await sendCommand(card, { cla: 0, ins: 0xca, p1: 0x01, p2: 0x01, le: 3 });
  if (statusWord === statusWords.ok && ((data[2] ?? 0) & 0x01) !== 0) announceExtendedLength(card);
}
