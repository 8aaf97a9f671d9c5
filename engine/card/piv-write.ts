/** Writing one object of a PIV card. */
import type { Piv } from './piv.js';
import { pivObjects, putPivObject, tagName } from './piv-data.js';
import { authenticate } from './piv-management-key.js';
import { notWritten } from './write-error.js';

/**
 * Authenticates, writes the object, and reads it back. One command (or chain) is all, which a card carries out as a whole or not.
 * @param content what template 53 is to hold; empty: the object is deleted
 * @param key the caller wipes it
 * @throws CertPropError as authenticate; CardFull, CardWriteFailed, CardCommandFailed, and all that `transmit` throws
 */
export async function writePivObject(
  { objects: { card }, cardId }: Piv,
  tag: number,
  content: Uint8Array,
  key: Uint8Array,
): Promise<void> {
  await card.uninterrupted(async () => {
    await authenticate(card, key);
    await putPivObject(card, tag, content);
    const found = (await pivObjects(card).get(tag)) ?? new Uint8Array();
    if (Buffer.compare(found, content) !== 0) throw notWritten(card, `object ${tagName(tag)}`, cardId);
  });
}
