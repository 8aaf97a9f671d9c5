/** What a person does to a profile between two insertions, so that the engine always has something to write there. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeKeyLink } from '../../engine/certificate/key-link.js';
import { originOf } from '../../engine/propagation/origin.js';
import { profileStore } from '../../engine/store/profile.js';
import { propertyId } from '../../engine/store/property-id.js';
import { encodeElement, encodeText } from '../../engine/store/serialized.js';
import type { Bed } from './bed.js';
import type { Ledger } from './ledger.js';
import { keyOf, storeFolder } from './store-state.js';

/**
 * Of the next card's certificates that are in the store, deletes the first, and gives the second a friendly name and a link that leads
 * nowhere. The third stays as it is.
 */
export async function disturb(
  bed: Bed,
  storePath: string,
  ledger: Ledger,
  friendlyName: string,
): Promise<void> {
  const [first = '', second = ''] = bed.next.personal;
  if (ledger.isKept(keyOf('My', first))) {
    await rm(fileOf(storePath, first));
    ledger.onDeleted(keyOf('My', first));
  }
  if (ledger.isKept(keyOf('My', second))) {
    await bed.writeFile(fileOf(storePath, second), await misled(storePath, second, friendlyName));
    ledger.onNamed(keyOf('My', second), friendlyName);
  }
}

function fileOf(storePath: string, thumbprint: string): string {
  return join(storeFolder(storePath, 'My'), 'Certificates', thumbprint);
}

async function misled(storePath: string, thumbprint: string, friendlyName: string): Promise<Uint8Array> {
  const entry = await profileStore(storePath, 'My').find(thumbprint);
  if (entry === null) throw new Error(`${thumbprint} is not there.`);
  const origin = originOf(entry);
  if (!('link' in origin)) throw new Error(`${thumbprint} has no key link.`);
  const properties = new Map(entry.properties)
    .set(propertyId.keyProvInfo, encodeKeyLink({ ...origin.link, container: 'no such container' }))
    .set(propertyId.friendlyName, encodeText(friendlyName));
  return encodeElement(entry.certificate, properties);
}
