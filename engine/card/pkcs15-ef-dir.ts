/** EF.DIR (2F00), the card's list of applications (ISO/IEC 7816-4:2013, 12.2.3). */
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { hex } from '../text.js';
import { sendCommand } from './apdu.js';
import { endOfObjects, objectsOf } from './pkcs15-asn1.js';
import { cardFiles } from './pkcs15-files.js';
import { filePath, type FilePath } from './pkcs15-path.js';
import { statusWords } from './status-word.js';
import { findValue, parseDataObjects } from './tlv.js';

export interface ApplicationTemplate {
  readonly name: Uint8Array;
  /** Null where the application is selected by its name. */
  readonly path: FilePath | null;
}

const directory: FilePath = '2F00';
const tags = { template: 0x61, name: 0x4f, path: 0x51 } as const;
const notTransparent = 0x6981;
const mostRecords = 16;
const mostTemplates = 4;

/** "PKCS-15", with which names of PKCS #15 applications go on after any maker's RID: A000000063, Belgium's A000000177. */
const pkcs15Extension = '504B43532D3135';
const ridDigits = 10;

/** Other names under which OpenSC knows PKCS #15 applications (its list in dir.c): Portugal's eID, ESIGN, IAS and ECC profiles. */
const otherNames: ReadonlySet<string> = new Set([
  '444620697373756572',
  'E828BD080FA000000167455349474E',
  'E828BD080F8025000001FF0010',
  'E828BD080F8025000001FF0020',
  'E828BD080FD2504543432D654944',
  'E828BD080FD25047656E65726963',
]);

/**
 * The PKCS #15 applications that EF.DIR lists; none where it can't be read, of which a card without it says many things.
 * @throws all that `transmit` throws
 */
export async function readApplicationTemplates(card: SmartCardConnection): Promise<ApplicationTemplate[]> {
  try {
    return objectsOf(await readDirectory(card))
      .filter(({ tag }) => tag === tags.template)
      .flatMap(({ value }) => applicationTemplate(value))
      .slice(0, mostTemplates);
  } catch (error) {
    if (error instanceof CertPropError && unreadable.has(error.id)) return [];
    throw error;
  }
}

const unreadable: ReadonlySet<string> = new Set([
  'CardObjectNotFound',
  'CardCommandFailed',
  'MalformedCardData',
]);

async function readDirectory(card: SmartCardConnection): Promise<Uint8Array> {
  const files = cardFiles(card, { name: null, path: '', start: '' });
  try {
    return await files.readFile(directory, endOfObjects);
  } catch (error) {
    const hasRecords = error instanceof CertPropError && error.details.statusWord === notTransparent;
    if (hasRecords) return readRecords(card);
    throw error;
  }
}

/** READ RECORD of the current file, one after the other (ISO/IEC 7816-4:2013, 11.3.3). */
async function readRecords(card: SmartCardConnection): Promise<Uint8Array> {
  const records: Uint8Array[] = [];
  for (let number = 1; number <= mostRecords; number++) {
    const { data, statusWord } = await sendCommand(card, {
      cla: 0,
      ins: 0xb2,
      p1: number,
      p2: 0x04,
      le: 256,
    });
    if (statusWord !== statusWords.ok) break;
    records.push(data.subarray(0, endOfObjects(data)));
  }
  return Buffer.concat(records);
}

function applicationTemplate(template: Uint8Array): ApplicationTemplate[] {
  const parts = parseDataObjects(template);
  const name = findValue(parts, tags.name);
  if (name === null || !isPkcs15Name(hex(name))) return [];
  const path = findValue(parts, tags.path);
  return [{ name, path: path === null ? null : filePath(path, '') }];
}

function isPkcs15Name(name: string): boolean {
  return name.startsWith(pkcs15Extension, ridDigits) || otherNames.has(name);
}
