/** 10,000 insertions and removals before a watching engine that is killed before and after each write to a store. */
import { cleanedStores, hooksOf, type Hook } from '../soak/hooks.js';
import type { SoakReport } from '../soak/report.js';
import { skipElsewhere } from '../soak/skip-elsewhere.js';
import { soak } from '../soak/soak.js';
import { median, table, type Part, type Requirement } from './measure.js';

const cycles = 10_000;
const rounds = 10;
const allowedGrowth = 1.2;
const shownFindings = 20;

const disclosure = `The real engine over an embedded reader, asked to watch, as a child process; a folder as the store; roots are cleaned up on removal.
In each of ${rounds} rounds it is killed (SIGKILL) at every hook, later each time, on a profile that doesn't exist at first; every second card goes
while it is dead. The cycles after that meet one engine that is never killed: its resident memory in the last tenth over that in the second.
The stores are read after each kill and each removal.`;

export const soakPart: Part = {
  name: 'soak',
  about: `${cycles} insertions and removals, with kills before and after each write to a store`,
  seconds: 1200,
  async run() {
    if (skipElsewhere !== false) return { skipped: skipElsewhere };
    const report = await soak({ rounds, cycles }, console.log);
    const hooks = hooksOf(cleanedStores(true));
    console.log(`\n${killTable(report, hooks)}\n\n${countTable(report)}\n\n${disclosure}\n`);
    for (const finding of findingsOf(report).slice(0, shownFindings)) console.log(finding);
    return { requirements: requirementsFor(report, hooks) };
  },
};

/** Both moments of a write in one line. */
function killTable({ kills }: SoakReport, hooks: readonly Hook[]): string {
  const writes = [...new Set(hooks.map((hook) => hook.replace(/^\w+ /u, '')))];
  const count = (hook: Hook): string => String(kills.get(hook) ?? 0);
  return table([
    ['killed at', 'before', 'after'],
    ...writes.map((write) => [write, count(`before ${write}`), count(`after ${write}`)]),
  ]);
}

function countTable({ cycles: done, kills, inconsistent, leftBehind, lost, memory }: SoakReport): string {
  const counts = {
    'insertions and removals': done,
    'kills and restarts': [...kills.values()].reduce((sum, count) => sum + count, 0),
    inconsistent: inconsistent.length,
    'left behind': leftBehind.length,
    lost: lost.length,
  };
  const [early, late] = [earlyMemory(memory), lateMemory(memory)].map(mebibytes);
  return table([
    ...Object.entries(counts).map(([name, count]) => [name, String(count)]),
    ['memory, second tenth', `${early} MiB`],
    ['memory, last tenth', `${late} MiB`],
  ]);
}

function findingsOf({ inconsistent, leftBehind, lost }: SoakReport): string[] {
  return [
    ...inconsistent.map((what) => `inconsistent: ${what}`),
    ...leftBehind.map((what) => `left behind: ${what}`),
    ...lost.map((what) => `lost: ${what}`),
  ];
}

function requirementsFor(report: SoakReport, hooks: readonly Hook[]): Requirement[] {
  const { cycles: done, kills, inconsistent, leftBehind, lost, memory } = report;
  return [
    { what: `cycles short of ${cycles}`, measured: Math.max(0, cycles - done), limit: 0 },
    { what: 'hooks never hit', measured: hooks.filter((hook) => !kills.has(hook)).length, limit: 0 },
    { what: 'inconsistent', measured: inconsistent.length, limit: 0 },
    { what: 'left behind', measured: leftBehind.length, limit: 0 },
    { what: 'lost', measured: lost.length, limit: 0 },
    {
      what: 'memory, last tenth over second',
      measured: lateMemory(memory) / earlyMemory(memory),
      limit: allowedGrowth,
    },
  ];
}

/** The first tenth warms up. */
function earlyMemory(samples: readonly number[]): number {
  const tenth = Math.floor(samples.length / 10);
  return median(samples.slice(tenth, 2 * tenth));
}

function lateMemory(samples: readonly number[]): number {
  return median(samples.slice(-Math.floor(samples.length / 10)));
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}
