/** The certificates of a PIV card's slots. */
import type { CardCertificateFile, UnreadableFile } from './card.js';
import { attempt } from './object-error.js';
import { decodeCertificateObject } from './piv-certificate-object.js';
import { tagName, type PivObjects } from './piv-data.js';
import { mainSlots, retiredSlots, slotKeySpec, type PivSlot } from './piv-slots.js';
import { findValue, parseDataObjects } from './tlv.js';

const keyHistoryTag = 0x5fc10c;
/** Key history: the number of retired keys whose certificates are on the card (part 1, 3.3.3: keysWithOnCardCerts). */
const onCardTag = 0xc1;

/**
 * The certificates, one after the other as they are read. Of the retired slots, those are read that the key history promises, and
 * further ones up to the first that is empty or refused: ykman fills slots and never writes the history. `allSlots`: all twenty.
 * @throws all that `transmit` throws
 */
export async function* readPivCertificates(
  objects: PivObjects,
  { allSlots }: { readonly allSlots: boolean },
): AsyncGenerator<CardCertificateFile | UnreadableFile> {
  for (const slot of mainSlots) {
    const file = await readSlot(objects, slot);
    if (file !== null) yield file;
  }
  const history = allSlots ? { value: retiredSlots.length } : await readKeyHistory(objects);
  if ('error' in history) yield history;
  const promised = 'error' in history ? 0 : history.value;
  for (const [index, slot] of retiredSlots.entries()) {
    const file = await readSlot(objects, slot);
    if (file !== null) yield file;
    if (index >= promised && (file === null || isRefused(file))) return;
  }
}

/** The certificate in a slot, null where it has none. @throws all that `transmit` throws */
export async function readSlot(
  objects: PivObjects,
  slot: PivSlot,
): Promise<CardCertificateFile | UnreadableFile | null> {
  const { name, tag } = slot;
  const fileName = tagName(tag);
  const read = await attempt(fileName, async () => {
    const content = await objects.get(tag);
    return content === null ? null : decodeCertificateObject(content);
  });
  if ('error' in read) return read;
  if (read.value === null) return null;
  return {
    ...{ fileName, certificate: read.value, slot: name, label: null, isRoot: false },
    ...{ container: null, keySpec: slotKeySpec(slot), key: 'Unnamed' },
  };
}

/** How many slots, from 82 up, the key history says to be filled; 0 without one. */
function readKeyHistory(objects: PivObjects): Promise<{ readonly value: number } | UnreadableFile> {
  return attempt(tagName(keyHistoryTag), async () => {
    const content = await objects.get(keyHistoryTag);
    return content === null ? 0 : (findValue(parseDataObjects(content), onCardTag)?.[0] ?? 0);
  });
}

function isRefused(file: CardCertificateFile | UnreadableFile): boolean {
  return 'error' in file && file.error.id === 'CardCommandFailed';
}
