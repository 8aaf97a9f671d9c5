/** The GIDS application on a card: how it is selected, and how its files are found (Generic Identity Device Specification v2). */
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { hex } from '../text.js';
import { announceExtendedLength, sendCommand } from './apdu.js';
import { announcesExtendedLength } from './capabilities.js';
import type { CardContainer } from './card.js';
import { getObject, objectNotFound } from './gids-data.js';
import { findFile, parseMasterFile, type MasterFileRecord } from './gids-master-file.js';
import {
  isDefaultContainer,
  isValidContainer,
  parseContainerMap,
  type ContainerMapRecord,
} from './minidriver/cmapfile.js';
import { statusWords } from './status-word.js';
import { findValue, parseDataObjects } from './tlv.js';

/** A card whose GIDS application is selected. It is good for one transaction. */
export interface Gids {
  readonly card: SmartCardConnection;
  /** The 16 bytes of the file `cardid` in their order, as 32 upper-case hex digits. */
  readonly cardId: string;
  readonly files: readonly MasterFileRecord[];
  /** The table of files as it lies on the card. */
  readonly masterFile: Uint8Array;
  /** All records of the container map, deleted ones too; the card is asked the first time only. */
  readonly containerMap: () => Promise<readonly ContainerMapRecord[]>;
  /** The card's valid containers; the card is asked the first time only. */
  readonly containers: () => Promise<readonly CardContainer[]>;
}

/** The application's identifier without its two bytes of revision. */
const applicationId = Buffer.from('A00000039742544659', 'hex');
export const masterFilePlace = { efid: 0xa000, tag: 0xdf1f } as const;
const cardIdLength = 16;

/** Where Windows' minidriver keeps containers and certificates; the root has no name. */
export const directories = { root: '', minidriver: 'mscp' } as const;

const unknownCommand: ReadonlySet<number> = new Set([
  statusWords.instructionNotSupported,
  statusWords.classNotSupported,
]);

export const containerMapName = 'cmapfile';

/**
 * Selects the GIDS application and reads the table of files and the card's id.
 * @returns null if the card has no such application
 * @throws CertPropError CardObjectNotFound (a card that was never initialized), MalformedCardData, CardCommandFailed
 */
export async function selectGids(card: SmartCardConnection): Promise<Gids | null> {
  const answer = await sendCommand(card, {
    ...{ cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x00 },
    data: applicationId,
    le: 256,
  });
  if (answer.statusWord !== statusWords.ok && answer.statusWord >> 8 !== 0x62) return null;
  if (applicationTakesExtendedLength(answer.data)) announceExtendedLength(card);
  const masterFile = await readMasterFile(card);
  if (masterFile === null) return null;
  const files = parseMasterFile(masterFile);
  const cardId = await readFile({ card, files }, directories.root, 'cardid');
  if (cardId.length !== cardIdLength) {
    throw new CertPropError(
      'MalformedCardData',
      `The card's id has ${String(cardId.length)} bytes in place of 16.`,
    );
  }
  const containerMap = once(() => readContainerMap({ card, files }));
  const containers = once(async () => validContainers(await containerMap()));
  return { card, cardId: hex(cardId), files, masterFile, containerMap, containers };
}

/** Null for a card that takes any SELECT for its own, and doesn't know the command to read with. */
async function readMasterFile(card: SmartCardConnection): Promise<Uint8Array | null> {
  try {
    return await getObject(card, masterFilePlace, 'file system: it was never initialized');
  } catch (error) {
    if (error instanceof CertPropError && unknownCommand.has(error.details.statusWord ?? 0)) return null;
    throw error;
  }
}

/**
 * The place of a file's data object.
 * @throws CertPropError CardObjectNotFound
 */
export function placeOf(
  { card, files }: Pick<Gids, 'card' | 'files'>,
  directory: string,
  name: string,
): MasterFileRecord {
  const record = findFile(files, directory, name);
  if (record === null) throw objectNotFound(card, `file ${name}`);
  return record;
}

/** @throws CertPropError CardObjectNotFound, CardCommandFailed, MalformedCardData, and all that `transmit` throws */
export async function readFile(
  application: Pick<Gids, 'card' | 'files'>,
  directory: string,
  name: string,
): Promise<Uint8Array> {
  return getObject(application.card, placeOf(application, directory, name), `file ${name}`);
}

/** A card that was never written to may lack the map's object, or its record. */
async function readContainerMap(application: Pick<Gids, 'card' | 'files'>): Promise<ContainerMapRecord[]> {
  const bytes = await readFile(application, directories.minidriver, containerMapName).catch(
    (error: unknown) => {
      if (error instanceof CertPropError && error.id === 'CardObjectNotFound') return new Uint8Array();
      throw error;
    },
  );
  return parseContainerMap(bytes);
}

function validContainers(records: readonly ContainerMapRecord[]): CardContainer[] {
  return records.flatMap((record, index) =>
    isValidContainer(record) ? [{ index, name: record.name, isDefault: isDefaultContainer(record) }] : [],
  );
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | null = null;
  return () => (result ??= read());
}

/** Card capabilities (tag 47) in the application's template (61) or control information (62, 6F); ISO/IEC 7816-4:2013, 12.1.1.9. */
function applicationTakesExtendedLength(answer: Uint8Array): boolean {
  try {
    return parseDataObjects(answer)
      .filter(({ tag }) => tag === 0x61 || tag === 0x62 || tag === 0x6f)
      .map(({ value }) => findValue(parseDataObjects(value), 0x47))
      .some((capabilities) => capabilities !== null && announcesExtendedLength(capabilities));
  } catch (error) {
    if (error instanceof CertPropError) return false;
    throw error;
  }
}
