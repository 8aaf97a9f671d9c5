/** The key slots of a PIV card, and the objects of their certificates (NIST SP 800-73-4, part 1, tables 3 and 4b). */
import type { KeySpec } from './card.js';

export interface PivSlot {
  /** The key reference in hex, `9A`. */
  readonly name: string;
  /** The tag of the certificate's object. */
  readonly tag: number;
}

export const mainSlots: readonly PivSlot[] = [
  { name: '9A', tag: 0x5fc105 },
  { name: '9C', tag: 0x5fc10a },
  { name: '9D', tag: 0x5fc10b },
  { name: '9E', tag: 0x5fc101 },
];

/** Retired key management, 82 to 95. */
export const retiredSlots: readonly PivSlot[] = Array.from({ length: 20 }, (_, index) => ({
  name: (0x82 + index).toString(16).toUpperCase(),
  tag: 0x5fc10d + index,
}));

const signatureSlot = '9C';

export function slotKeySpec({ name }: PivSlot): KeySpec {
  return name === signatureSlot ? 'Signature' : 'KeyExchange';
}

/** Null for another name. */
export function slotNamed(name: string): PivSlot | null {
  const wanted = name.toUpperCase();
  return [...mainSlots, ...retiredSlots].find((slot) => slot.name === wanted) ?? null;
}
