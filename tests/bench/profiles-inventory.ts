/** The inventory of many profiles beside a bare program that reads their files. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  startProfileEngine,
  unnamed,
  unprivileged,
  type Preload,
  type Told,
} from '../support/profile-trees/engine.js';
import type { Trees } from '../support/profile-trees/trees.js';
import { contender, interleave, median, range, table, timed, type Requirement } from './measure.js';

const rounds = 3;

interface Sample {
  readonly milliseconds: number;
  /** MiB; 0 where it is not measured. */
  readonly peak: number;
}

export async function measurePeak(trees: Trees): Promise<number> {
  const { peak } = await listOnce(trees, null);
  console.log(`500 profiles: peak memory ${peak.toFixed(1)} MiB`);
  return peak;
}

/** @param peakOfFew that of 500 profiles (MiB) */
export async function measureInventory(trees: Trees, peakOfFew: number): Promise<Requirement[]> {
  const bare = contender('bare program, to its end', () => readBarely(trees));
  const engine = contender('inventory, to the answer', () => listOnce(trees, null));
  await interleave<Sample>([bare, engine], rounds);

  const times = ({ samples }: typeof bare): number[] => samples.map(({ milliseconds }) => milliseconds);
  const rows = [bare, engine].map((each) => [
    each.name,
    median(times(each)).toFixed(0),
    range(times(each)),
    (median(times(each)) / median(times(bare))).toFixed(2),
  ]);
  console.log(`\n${table([['', 'median ms', 'range', 'to bare'], ...rows])}\n`);
  const { told } = await listOnce(trees, 'disturbed-files');
  const left = unnamed(trees, told.problems);
  console.log(`${told.count} certificates from cards; told, one of each kind:`);
  for (const [kind, [path = '']] of trees.hostile)
    console.log(`  ${kind}: ${told.problems.find((problem) => problem.includes(path)) ?? 'NOTHING'}`);

  const peak = Math.max(...engine.samples.map((sample) => sample.peak));
  return [
    { what: 'inventory over bare reading', measured: median(times(engine)) / median(times(bare)), limit: 2 },
    { what: 'hostile profiles not named', measured: left.length, limit: 0 },
    { what: 'peak memory of the inventory (MiB)', measured: peak, limit: 150 },
    { what: 'peak memory over that with 500 profiles', measured: peak / peakOfFew, limit: 1.25 },
  ];
}

async function listOnce(trees: Trees, preload: Preload): Promise<Sample & { readonly told: Told }> {
  const start = performance.now();
  const engine = startProfileEngine(trees, preload, {}, unprivileged);
  try {
    const told = await engine.list();
    return { milliseconds: performance.now() - start, peak: engine.peakMemory(), told };
  } finally {
    await engine.end();
  }
}

async function readBarely({ profiles }: Trees): Promise<Sample> {
  const script = join(import.meta.dirname, 'bare-reader.js');
  const milliseconds = await timed(async () => {
    const reader = spawn(process.execPath, [script, profiles], {
      ...unprivileged,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = (await once(reader, 'exit')) as [number | null];
    if (code !== 0) throw new Error('The bare program failed.');
  });
  return { milliseconds, peak: 0 };
}
