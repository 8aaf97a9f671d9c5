/** A profile in the soak, and what happens to it. */
import type { Bed } from './bed.js';
import type { Kill } from './engine.js';
import { cleanedStores } from './hooks.js';
import { newLedger } from './ledger.js';
import { disturb } from './person.js';
import type { SoakReport } from './report.js';
import { keyOf, readStores, type StoreState } from './store-state.js';
import { startWatch, type Watch } from './watch.js';

export interface Profile {
  /** Works with an engine that propagates into this profile, and ends it if it runs still. */
  withEngine<T>(kill: Kill | null, work: (watch: Watch) => Promise<T>): Promise<T>;
  /**
   * The next card comes, if none is there, and goes when it was propagated. Once it is cleaned up after, everything is looked through.
   * @returns false if the engine ended in the middle
   */
  cycle(watch: Watch): Promise<boolean>;
  pull(): Promise<void>;
  /** Looks through what may be in the middle of a change. */
  look(): Promise<StoreState>;
}

/** @param personalGo whether personal certificates go with their card, as roots do in any case */
export function newProfile(bed: Bed, report: SoakReport, personalGo: boolean): Profile {
  const storePath = bed.newProfilePath();
  const ledger = newLedger(cleanedStores(personalGo));

  async function withEngine<T>(kill: Kill | null, work: (watch: Watch) => Promise<T>): Promise<T> {
    ledger.onRestart(await readStores(storePath));
    const watch = startWatch({
      script: bed.engineScript,
      engine: { readers: bed.readers, storePath, kill },
      removeOnCardRemoval: personalGo,
      onResult: (result) => {
        const problem = ledger.onResult(result);
        if (problem !== null) report.lost.push(problem);
      },
    });
    try {
      return await work(watch);
    } finally {
      await watch.end();
    }
  }

  async function insert(): Promise<void> {
    await disturb(bed, storePath, ledger, `name ${report.cycles}`);
    ledger.onInserted();
    await bed.insert();
  }

  async function pull(): Promise<void> {
    ledger.onPulled();
    await bed.pull();
    report.cycles += 1;
  }

  async function look(): Promise<StoreState> {
    const state = await readStores(storePath);
    report.inconsistent.push(...state.damage);
    report.lost.push(...ledger.lostIn(state));
    return state;
  }

  /** @param isWritten both stores have been written to since the last kill */
  async function lookAtRest(isWritten: boolean): Promise<void> {
    const state = await look();
    report.leftBehind.push(...ledger.leftBehindIn(state));
    if (isWritten) report.leftBehind.push(...state.strays);
  }

  async function cycle(watch: Watch): Promise<boolean> {
    const isNew = bed.inserted === null;
    if (isNew) {
      // A card may have gone while no engine ran.
      if (!(await watch.until(isCleanedUp))) return false;
      await insert();
    }
    if (!(await watch.until(isPropagated))) return false;
    await pull();
    if (!(await watch.until(isCleanedUp))) return false;
    await lookAtRest(isNew);
    return true;
  }

  function isCleanedUp(): boolean {
    return ledger.due.size === 0;
  }

  function isPropagated(): boolean {
    const { personal = [], root = '' } = bed.inserted ?? {};
    const keys = [...personal.map((thumbprint) => keyOf('My', thumbprint)), keyOf('SmartCardRoot', root)];
    return keys.every((key) => ledger.told.has(key));
  }

  return { withEngine, cycle, pull, look };
}
