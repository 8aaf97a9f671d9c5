/**
 * Cards come and go before an engine that watches them and is killed at each write to a store, over and over. After each kill and each
 * removal the stores are looked through.
 */
import { readFile } from 'node:fs/promises';
import { makeBed, type Bed } from './bed.js';
import { cleanedStores, hooksOf, isRecurring, type Hook } from './hooks.js';
import { newProfile, type Profile } from './profile.js';
import { newReport, type SoakReport } from './report.js';
import type { Watch } from './watch.js';

export interface SoakPlan {
  /** In each round the engine is killed at every hook. Each has a profile of its own, which doesn't exist at first. */
  readonly rounds: number;
  /** How many insertions with their removals there are in all; those that the rounds leave over meet one engine that is never killed. */
  readonly cycles: number;
}

/**
 * @param say hears of each round's end
 * @throws Error if the engine tells of a problem, hangs, or ends by itself
 */
export async function soak(
  { rounds, cycles }: SoakPlan,
  say: (message: string) => void,
): Promise<SoakReport> {
  const bed = await makeBed();
  const report = newReport();
  try {
    for (let round = 0; round < rounds; round += 1) {
      await killAtEachHook(bed, report, round);
      say(`Round ${round + 1} of ${rounds} is done, ${report.cycles} cycles.`);
    }
    await runUnharmed(bed, report, cycles);
    return report;
  } finally {
    await bed.end();
  }
}

/** In every second round personal certificates go with their card. */
async function killAtEachHook(bed: Bed, report: SoakReport, round: number): Promise<void> {
  const personalGo = round % 2 === 0;
  const profile = newProfile(bed, report, personalGo);
  for (const [index, hook] of hooksOf(cleanedStores(personalGo)).entries()) {
    await killAt(bed, report, profile, hook, isRecurring(hook) ? 1 + round : 1);
    // Every second card goes while no engine sees it.
    if (bed.inserted !== null && (round + index) % 2 === 0) await profile.pull();
  }
  await profile.withEngine(null, async (watch) => {
    // The first cycle may have begun before the last kill.
    for (let time = 0; time < 2; time += 1) await cycleUnharmed(profile, watch);
  });
}

/** How often cards come and go before it is given up that the engine comes to its hook. */
const longestWay = 20;

/** @param time at which time that the engine comes to the hook */
async function killAt(
  bed: Bed,
  report: SoakReport,
  profile: Profile,
  hook: Hook,
  time: number,
): Promise<void> {
  const isAlive = await profile.withEngine({ hook, time, journal: bed.journal }, async (watch) => {
    for (let way = 0; way < longestWay; way += 1) if (!(await profile.cycle(watch))) return false;
    return true;
  });
  if (isAlive) return;
  if ((await bed.takeJournal()) !== hook)
    throw new Error(`The engine ended by itself on its way to: ${hook}`);
  report.kills.set(hook, (report.kills.get(hook) ?? 0) + 1);
  await profile.look();
}

const cyclesPerSample = 10;

async function runUnharmed(bed: Bed, report: SoakReport, cycles: number): Promise<void> {
  const profile = newProfile(bed, report, false);
  await profile.withEngine(null, async (watch) => {
    while (report.cycles < cycles) {
      await cycleUnharmed(profile, watch);
      if (report.cycles % cyclesPerSample === 0) report.memory.push(await residentBytes(watch.processId));
    }
  });
}

async function cycleUnharmed(profile: Profile, watch: Watch): Promise<void> {
  if (!(await profile.cycle(watch))) throw new Error('The engine ended by itself.');
}

/** proc(5), /proc/<pid>/status: VmRSS in KiB. */
async function residentBytes(processId: number): Promise<number> {
  const status = await readFile(`/proc/${processId}/status`, 'utf8');
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/mu.exec(status) ?? [];
  return Number(kibibytes) * 1024;
}
