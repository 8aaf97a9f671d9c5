/**
 * Run by node.exe under Wine: attacks beds that lie ready (argument 1: a file with AttackCases) and writes for each whether the attack
 * got what it wanted (argument 2). Wine 8 can make no link: the test on Linux makes each, asked for by a file `ask` in the bed, and says
 * so by a file `done`.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { windowsRoots } from '../../engine/profiles/windows-roots.js';
import { openProfileStore } from '../../engine/profiles/open-store.js';
import { attacks, byPaths, guarded, type Hook } from '../profiles/attack-bed.js';
import { componentsBelow } from '../profiles/bed.js';

export interface AttackCase {
  /** The bed's folder, as Windows names it: it holds `ada` and `outside`. */
  readonly folder: string;
  readonly isGuarded: boolean;
  /** Of `attacks`. */
  readonly attack: number;
  /** Of `componentsBelow`: what is exchanged for a link, as soon as it was opened. */
  readonly component: number;
  /** Whether the attacker is another program on Windows, or has another way to the disk, where Windows can't refuse anything. */
  readonly attacker: 'OnWindows' | 'BehindWindows';
}

export interface AttackReport {
  readonly isReached: boolean;
  /** The folder could be moved away, so that the link was made. */
  readonly isExchanged: boolean;
}

function exchange({ folder, component, attacker }: AttackCase, exchanged: () => void): Hook {
  const path = join(folder, 'ada', ...componentsBelow.slice(0, component + 1));
  let isDone = false;
  return (opened) => {
    if (isDone || opened.path !== path) return;
    isDone = true;
    if (attacker === 'OnWindows' && !isMoved(path)) return;
    plant(folder);
    exchanged();
  };
}

function isMoved(path: string): boolean {
  try {
    renameSync(path, `${path}.away`);
    return true;
  } catch {
    return false;
  }
}

/** Has the link made. The hook is called between two synchronous steps, so nothing else can be waited for. */
function plant(folder: string): void {
  writeFileSync(join(folder, 'ask'), '');
  const waiting = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(join(folder, 'done'))) Atomics.wait(waiting, 0, 0, 1);
  rmSync(join(folder, 'done'));
}

async function attempt(each: AttackCase): Promise<AttackReport> {
  let isExchanged = false;
  const hook = exchange(each, () => (isExchanged = true));
  const openRoot = each.isGuarded ? guarded(await windowsRoots(), hook) : byPaths(hook);
  const store = await openProfileStore({ path: join(each.folder, 'ada') }, 'My', openRoot);
  const target = join(each.folder, 'outside', ...componentsBelow.slice(each.component + 1));
  const isReached = (await attacks[each.attack]?.reached(store, target)) ?? false;
  return { isReached, isExchanged };
}

async function main(): Promise<void> {
  const [casesFile = '', reportFile = ''] = process.argv.slice(2);
  const cases = JSON.parse(readFileSync(casesFile, 'utf8')) as AttackCase[];
  const reports: AttackReport[] = [];
  for (const each of cases) reports.push(await attempt(each));
  writeFileSync(reportFile, JSON.stringify(reports));
}

void main();
