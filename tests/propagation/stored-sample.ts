/** Properties of stored certificates, for the tests of this folder and of rpc. */
import { baseCsp, encodeKeyLink, type KeyLink } from '../../engine/certificate/key-link.js';
import { formatMark, type Mark } from '../../engine/certificate/mark.js';
import { propertyId } from '../../engine/store/property-id.js';
import { encodeText } from '../../engine/store/serialized.js';
import type { Properties } from '../../engine/store/store.js';

const softwareKsp = 'Microsoft Software Key Storage Provider';

export function cardLinked(changes: Partial<KeyLink> = {}): Properties {
  const link = { container: 'c', provider: baseCsp, providerType: 1, flags: 0, keySpec: 1, ...changes };
  return new Map([[propertyId.keyProvInfo, encodeKeyLink(link)]]);
}

export function softwareLinked(): Properties {
  return cardLinked({ provider: softwareKsp, providerType: 0, keySpec: 0 });
}

export function marked(changes: Partial<Mark> = {}): Properties {
  const mark = { version: '0.1.0', cardId: 'AB', readerName: 'Alpha 00', at: 0, ...changes };
  return new Map([[propertyId.description, encodeText(formatMark(mark))]]);
}

export function both(...properties: readonly Properties[]): Properties {
  return new Map(properties.flatMap((some) => [...some]));
}
