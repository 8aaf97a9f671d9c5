/** Drafts of changes to a PIV card. It has no cache counters: its one object is written by one command, and there is nothing to raise. */
import type { CardCertificateFile } from '../card/card.js';
import type { Piv } from '../card/piv.js';
import { encodeCertificateObject } from '../card/piv-certificate-object.js';
import { readPivCertificates, readSlot } from '../card/piv-certificates.js';
import { pivObjects, tagName } from '../card/piv-data.js';
import { identify } from '../card/piv-identity.js';
import { slotKeySpec, slotNamed, type PivSlot } from '../card/piv-slots.js';
import { writePivObject } from '../card/piv-write.js';
import { thumbprintOf } from '../certificate/x509.js';
import type { Addition, CardDraft, CardPlace } from './card-change.js';
import { rootsNotOnPiv } from './card-change-error.js';
import { certificateNotOnCard } from './card-error.js';
import { chooseSlot } from './piv-slot-choice.js';

export async function draftPivAddition(
  piv: Piv,
  { target, certificate, info }: Addition,
): Promise<CardDraft> {
  if (target.kind === 'Root') throw rootsNotOnPiv(piv.objects.card);
  const slot = await chooseSlot(piv, info.publicKey, target);
  const present = await readSlot(piv.objects, slot);
  const old = present === null || 'error' in present ? null : present.certificate;
  const isThere = old !== null && Buffer.compare(old, certificate) === 0;
  const action = isThere ? 'Unchanged' : old === null ? 'Added' : 'Replaced';
  const content = isThere ? null : encodeCertificateObject(certificate);
  return draft(piv, slot, content, { action, certificate, lost: isThere ? null : old });
}

/** @throws CertPropError CertificateNotOnCard */
export async function draftPivRemoval(piv: Piv, thumbprint: string): Promise<CardDraft> {
  for await (const file of readPivCertificates(piv.objects, { allSlots: true })) {
    if ('error' in file || thumbprintOf(file.certificate) !== thumbprint) continue;
    const slot = slotOf(file);
    if (slot === null) continue;
    const { certificate } = file;
    return draft(piv, slot, new Uint8Array(), { action: 'Removed', certificate, lost: certificate });
  }
  throw certificateNotOnCard(piv.objects.card.readerName, thumbprint);
}

function slotOf({ slot }: CardCertificateFile): PivSlot | null {
  return slot === null ? null : slotNamed(slot);
}

/** @param content what the slot's object is to hold; null: it stays */
function draft(
  piv: Piv,
  slot: PivSlot,
  content: Uint8Array | null,
  what: Pick<CardDraft, 'action' | 'certificate' | 'lost'>,
): CardDraft {
  const { card } = piv.objects;
  return {
    ...what,
    ...{ cardFamily: 'PIV', place: placeOf(slot), counters: null, certificateFiles: [] },
    write:
      content === null
        ? null
        : {
            credential: 'ManagementKey',
            async carryOut(key) {
              await writePivObject(piv, slot.tag, content, key);
              if (piv.serialNumber !== null) return piv.cardId;
              // A card without CHUID too is known by its first certificate.
              return (await identify(pivObjects(card), true))?.cardId ?? piv.cardId;
            },
          },
  };
}

function placeOf(slot: PivSlot): CardPlace {
  const { name, tag } = slot;
  return { fileName: tagName(tag), container: null, keySpec: slotKeySpec(slot), slot: name, isRoot: false };
}
