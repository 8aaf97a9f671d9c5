/** Removals that are killed, spread over the whole run, each followed by one more run. */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { differences, digestOf, type Digest } from '../support/profile-trees/digest.js';
import { startProfileEngine } from '../support/profile-trees/engine.js';
import { makeTrees, type Trees } from '../support/profile-trees/trees.js';
import type { Requirement } from './measure.js';

const killCount = 50;
const profileCount = 60;

export async function killRemovals(): Promise<Requirement[]> {
  const trees = makeTrees(profileCount);
  try {
    const before = digestOf(trees.profiles);
    const outside = digestOf(trees.outside);
    const changes = await removeKilled(trees, 0);
    const wholeRun = await removeAgain(trees, before);
    const rounds: Round[] = [];
    for (let kill = 0; kill < killCount; kill++) {
      const killedAt = 1 + Math.floor((kill * changes) / killCount);
      const made = await removeKilled(trees, killedAt);
      rounds.push({ ...(await removeAgain(trees, before)), killed: made === killedAt });
    }
    const touched = differences(outside, digestOf(trees.outside));
    console.log(
      `${killCount} kills, spread over the ${changes} changes to files that the removal from ${profileCount} profiles makes.\n`,
    );
    return [
      { what: 'kills missed', measured: rounds.filter(({ killed }) => !killed).length, limit: 0 },
      { what: 'half done after one more run', measured: sum(rounds, ({ halfDone }) => halfDone), limit: 0 },
      {
        what: 'left there by one more run',
        measured: sum(rounds, ({ removed }) => Math.abs(wholeRun.removed - removed)),
        limit: 0,
      },
      { what: 'lost or changed after restoration', measured: sum(rounds, ({ lost }) => lost), limit: 0 },
      { what: 'touched outside by killed removals', measured: touched.length, limit: 0 },
    ];
  } finally {
    trees.remove();
  }
}

interface Outcome {
  /** Certificates that are gone, by both runs. */
  readonly removed: number;
  /** Paths that are neither as before nor gone. */
  readonly halfDone: number;
  /** Paths that are not as before when everything is restored. */
  readonly lost: number;
}

interface Round extends Outcome {
  readonly killed: boolean;
}

/** @returns how many changes to files it made */
async function removeKilled(trees: Trees, killedAt: number): Promise<number> {
  const journal = join(trees.folder, 'changes');
  const environment = { CERTPROP_KILL_AT: String(killedAt), CERTPROP_CHANGES: journal };
  const engine = startProfileEngine(trees, 'killed-engine', environment);
  const removal = engine.remove(backupFolder(trees));
  if (killedAt === 0) await removal;
  else await removal.catch(() => undefined);
  await engine.end();
  return statSync(journal).size;
}

async function removeAgain(trees: Trees, before: Digest): Promise<Outcome> {
  const engine = startProfileEngine(trees, null);
  await engine.remove(backupFolder(trees));
  const between = digestOf(trees.profiles);
  const changed = differences(before, between);
  await engine.restore(backupFolder(trees));
  await engine.end();
  rmSync(backupFolder(trees), { recursive: true });
  return {
    removed: changed.filter((path) => !between.has(path)).length,
    halfDone: changed.filter((path) => between.has(path)).length,
    lost: differences(before, digestOf(trees.profiles)).length,
  };
}

function backupFolder({ folder }: Trees): string {
  return join(folder, 'backup');
}

function sum(rounds: readonly Round[], value: (round: Round) => number): number {
  return rounds.reduce((total, round) => total + value(round), 0);
}
