/**
 * Which slot of a PIV card a certificate belongs to. The standard gives no way to read a slot's public key: YubiKeys since 5.3 tell it,
 * and of all cards the certificates that are on it show whose key is where, so that one can be renewed.
 */
import { readPivCertificates, readSlot } from '../card/piv-certificates.js';
import type { Piv } from '../card/piv.js';
import { readSlotKey } from '../card/piv-metadata.js';
import { mainSlots, retiredSlots, slotKeySpec, slotNamed, type PivSlot } from '../card/piv-slots.js';
import { samePublicKey, type PublicKey } from '../certificate/public-key.js';
import { readCertificateOrNull } from '../certificate/x509.js';
import type { KeyTarget } from './card-change.js';
import { containerNotFound, keyNotOnCard, keySpecMismatch } from './card-change-error.js';

const slots = [...mainSlots, ...retiredSlots];

/**
 * @param key the certificate's; null for an algorithm that no card here knows
 * @throws CertPropError KeyNotOnCard, ContainerNotFound, KeySpecMismatch; all that `transmit` throws
 */
export async function chooseSlot(piv: Piv, key: PublicKey | null, target: KeyTarget): Promise<PivSlot> {
  const { card } = piv.objects;
  const { container, keySpec, force } = target;
  if (container === null) return slotOfKey(piv, key, keySpec);
  const slot = slotNamed(container);
  if (slot === null)
    throw containerNotFound(
      card,
      container,
      slots.map(({ name }) => name),
    );
  if (keySpec !== null && slotKeySpec(slot) !== keySpec) throw keySpecMismatch(card, slot.name);
  if (force) return slot;
  const present = await keyIn(piv, slot);
  if (key === null || present === null || !samePublicKey(present, key))
    throw keyNotOnCard(card, present !== null);
  return slot;
}

async function slotOfKey(piv: Piv, key: PublicKey | null, keySpec: KeyTarget['keySpec']): Promise<PivSlot> {
  const { card } = piv.objects;
  const candidates = slots.filter((slot) => keySpec === null || slotKeySpec(slot) === keySpec);
  const told = await toldKeys(piv, candidates, key);
  const found = told === 'Unknown' ? await slotOfSameKey(piv, candidates, key) : told;
  if (found === null) throw keyNotOnCard(card, told !== 'Unknown');
  return found;
}

/** The slot that the card says to have the key; null: none. */
async function toldKeys(
  { objects: { card } }: Piv,
  candidates: readonly PivSlot[],
  key: PublicKey | null,
): Promise<PivSlot | 'Unknown' | null> {
  for (const slot of candidates) {
    const told = await readSlotKey(card, slot);
    if (told === 'Unknown') return 'Unknown';
    if (told !== null && key !== null && samePublicKey(told, key)) return slot;
  }
  return null;
}

/** The slot that has a certificate of the key already. */
async function slotOfSameKey(
  piv: Piv,
  candidates: readonly PivSlot[],
  key: PublicKey | null,
): Promise<PivSlot | null> {
  if (key === null) return null;
  for await (const file of readPivCertificates(piv.objects, { allSlots: false })) {
    const slot = 'error' in file ? undefined : candidates.find(({ name }) => name === file.slot);
    if ('error' in file || slot === undefined) continue;
    const present = (await readCertificateOrNull(file.certificate))?.publicKey ?? null;
    if (present !== null && samePublicKey(present, key)) return slot;
  }
  return null;
}

/** The key in a slot, as the card tells it, else as the certificate there shows it. */
async function keyIn({ objects }: Piv, slot: PivSlot): Promise<PublicKey | null> {
  const told = await readSlotKey(objects.card, slot);
  if (told !== 'Unknown' && told !== null) return told;
  const file = await readSlot(objects, slot);
  if (file === null || 'error' in file) return null;
  return (await readCertificateOrNull(file.certificate))?.publicKey ?? null;
}
