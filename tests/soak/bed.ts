/** Where the soak takes place: a folder with one reader, some cards, profiles, and the engine as one file. */
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleEngine } from '../../build/engine-bundle.js';
import { root } from '../../build/root.js';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { writeCardImage } from '../../engine/virtual/card-image.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';

/** A card with three personal certificates and a root. */
export interface SoakCard {
  readonly image: string;
  /** The thumbprints of the personal ones. */
  readonly personal: readonly string[];
  readonly root: string;
}

export interface Bed {
  readonly engineScript: string;
  readonly readers: string;
  readonly journal: string;
  /** The card in the reader. */
  readonly inserted: SoakCard | null;
  /** Inserts the next card, at once as a hand does; in turn it is each of the cards. */
  insert(): Promise<void>;
  /** The card that `insert` takes. */
  readonly next: SoakCard;
  pull(): Promise<void>;
  /** The store path of a profile that doesn't exist yet. */
  newProfilePath(): string;
  /** Writes a file as another program would that writes atomically and knows no lock. */
  writeFile(path: string, content: Uint8Array): Promise<void>;
  /** At which hook the engine has killed itself since the last call; null if it hasn't. */
  takeJournal(): Promise<string | null>;
  /** Removes the folder. */
  end(): Promise<void>;
}

const cardCount = 3;

/** Inside the project's folder, where the bundled engine finds koffi. */
export async function makeBed(): Promise<Bed> {
  const folder = await mkdtemp(join(root, 'out', 'soak-'));
  const readers = join(folder, 'readers');
  const engineScript = join(folder, 'engine.cjs');
  const journal = join(folder, 'journal');
  const temporary = join(folder, 'temporary');
  const slot = join(readers, 'Reader', 'card.json');
  await mkdir(join(readers, 'Reader'), { recursive: true });
  await bundleEngine(join(root, 'tests', 'soak', 'engine.ts'), engineScript);
  const cards = await Promise.all(Array.from({ length: cardCount }, makeCard));
  let inserted: SoakCard | null = null;
  let insertions = 0;
  let profiles = 0;

  const next = (): SoakCard => {
    const card = cards[insertions % cardCount];
    if (card === undefined) throw new Error('There is no card.');
    return card;
  };
  const writeAtOnce = async (path: string, content: string | Uint8Array): Promise<void> => {
    await writeFile(temporary, content);
    await rename(temporary, path);
  };

  return {
    ...{ engineScript, readers, journal },
    get inserted() {
      return inserted;
    },
    get next() {
      return next();
    },
    async insert() {
      inserted = next();
      insertions += 1;
      await writeAtOnce(slot, inserted.image);
    },
    async pull() {
      inserted = null;
      await rm(slot);
    },
    newProfilePath: () => join(folder, `profile-${++profiles}`),
    writeFile: writeAtOnce,
    async takeJournal() {
      const hook = await readFile(journal, 'utf8').catch(() => null);
      await rm(journal, { force: true });
      return hook;
    },
    end: () => rm(folder, { recursive: true }),
  };
}

async function makeCard(): Promise<SoakCard> {
  const { state, certificates, root: issuer } = await makeSampleCard();
  return {
    image: writeCardImage(state),
    personal: [...certificates.values()].map(thumbprintOf),
    root: thumbprintOf(issuer),
  };
}
