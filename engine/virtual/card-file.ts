/** Virtual cards in files, as the embedded readers load them. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { StoredCard } from '../pcsc/embedded.js';
import { readCardImage, writeCardImage } from './card-image.js';
import { gidsCard } from './gids-card.js';

/** What a card file holds instead of an image: a card that doesn't answer to a reset, and one that knows no application. */
export const muteCardFile = '{"card":"Mute"}';
export const unknownCardFile = '{"card":"Unknown"}';

/**
 * Loads a card image, or one of the two special cards (the mute one is null).
 * @throws CertPropError MalformedCardData
 */
export async function loadCardFile(path: string): Promise<StoredCard | null> {
  const text = await readFile(path, 'utf8');
  if (text === muteCardFile) return null;
  if (text === unknownCardFile) return unknownCard();
  const card = gidsCard(readCardImage(text));
  let saved = text;
  return {
    ...card,
    async save() {
      const image = writeCardImage(card.state);
      if (image === saved) return;
      await writeFile(`${path}.new`, image);
      await rename(`${path}.new`, path);
      saved = image;
    },
  };
}

/** Answers 6A82 (file or application not found) to everything. */
function unknownCard(): StoredCard {
  return {
    atr: Uint8Array.of(0x3b, 0x00),
    transmit: () => Uint8Array.of(0x6a, 0x82),
    reset: () => undefined,
    save: () => Promise.resolve(),
  };
}
