/** Carrying out what was planned for a GIDS card. */
import { CertPropError } from '../errors.js';
import type { Gids } from './gids-application.js';
import { getObject, putObject } from './gids-data.js';
import { verifyPin } from './gids-pin.js';
import type { GidsWrite } from './gids-plan.js';
import { notWritten, writing } from './write-error.js';

/**
 * Presents the PIN, writes in the order of the plan, and reads back what was written. Nothing interrupts it but the card's removal.
 * @param pin the caller wipes it
 * @throws CertPropError as verifyPin; CardFull, CardWriteFailed, CardCommandFailed, and all that `transmit` throws
 */
export async function carryOut(gids: Gids, writes: readonly GidsWrite[], pin: Uint8Array): Promise<void> {
  const { card } = gids;
  await card.uninterrupted(async () => {
    await verifyPin(gids, pin);
    for (const { place, what, bytes } of writes) {
      await writing(card, what, bytes.length, () => putObject(card, place, what, bytes));
    }
    for (const write of lastOfEach(writes)) await verifyWrite(gids, write);
  });
}

/** An object that is written twice is read back once. */
function lastOfEach(writes: readonly GidsWrite[]): readonly GidsWrite[] {
  return writes.filter(
    ({ place }, index) =>
      !writes
        .slice(index + 1)
        .some((later) => later.place.efid === place.efid && later.place.tag === place.tag),
  );
}

async function verifyWrite({ card, cardId }: Gids, { place, what, bytes }: GidsWrite): Promise<void> {
  const found = await getObject(card, place, what).catch((error: unknown) => {
    if (error instanceof CertPropError && error.id === 'CardObjectNotFound') return new Uint8Array();
    throw error;
  });
  if (Buffer.compare(found, bytes) !== 0) throw notWritten(card, what, cardId);
}
