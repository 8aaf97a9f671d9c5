/** The entries of a store's folder `Keys` that point to a certificate's container. */
import { containerOf, decodeKeyLink, isSmartCardProvider, type KeyLink } from '../certificate/key-link.js';
import { CertPropError } from '../errors.js';
import type { ExactFiles } from '../profiles/guarded-store.js';
import { propertyId } from '../store/property-id.js';
import { decodeProperties } from '../store/serialized.js';
import type { KeptKey } from './backup.js';
import { maxKeyBytes, maxKeys } from './index-line.js';

/** How many files are looked at; Windows makes one for each key of the user's. */
const longestLook = 1024;

/** Entries that can't be read point nowhere. */
export async function keysOf(keys: ExactFiles, link: KeyLink): Promise<readonly KeptKey[]> {
  const found: KeptKey[] = [];
  let looked = 0;
  for await (const file of keys.files()) {
    if (found.length === maxKeys || ++looked > longestLook) break;
    if (!('problem' in file) && file.bytes.length <= maxKeyBytes && pointsTo(file.bytes, link))
      found.push(file);
  }
  return found;
}

function pointsTo(bytes: Uint8Array, link: KeyLink): boolean {
  try {
    const property = decodeProperties(bytes).get(propertyId.keyProvInfo);
    if (property === undefined) return false;
    const other = decodeKeyLink(property);
    return isSmartCardProvider(other.provider) && containerOf(other) === containerOf(link);
  } catch (error) {
    if (error instanceof CertPropError) return false;
    throw error;
  }
}
