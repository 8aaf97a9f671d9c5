/** Everything from cards is removed from many profiles with a backup, and put back. */
import { join } from 'node:path';
import { differences, digestOf } from '../support/profile-trees/digest.js';
import { startProfileEngine } from '../support/profile-trees/engine.js';
import { leakedEach, type Trees } from '../support/profile-trees/trees.js';
import { table, timed, type Requirement } from './measure.js';

export async function removeAndRestore(trees: Trees): Promise<Requirement[]> {
  const backup = join(trees.folder, 'backup');
  const profiles = digestOf(trees.profiles);
  const outside = digestOf(trees.outside);
  const least = leakedEach * ordinaryProfiles(trees, profiles);

  const removal = await atWork(trees, (engine) => engine.remove(backup));
  const lost = differences(profiles, digestOf(trees.profiles));
  const restoration = await atWork(trees, (engine) => engine.restore(backup));
  const different = differences(profiles, digestOf(trees.profiles));
  const touched = differences(outside, digestOf(trees.outside));

  const rows = Object.entries({ removal, restoration }).map(([name, { count, milliseconds, peak }]) => [
    name,
    String(count),
    (milliseconds / 1000).toFixed(0),
    (milliseconds / count).toFixed(1),
    peak.toFixed(0),
  ]);
  console.log(`\n${table([['', 'certificates', 's', 'ms each', 'peak MiB'], ...rows])}\n`);
  return [
    {
      what: 'from cards and still there after removal',
      measured: Math.max(0, least - lost.length),
      limit: 0,
    },
    { what: 'removed and not restored', measured: removal.count - restoration.count, limit: 0 },
    { what: 'not as before after restoration', measured: different.length, limit: 0 },
    { what: 'touched outside', measured: touched.length, limit: 0 },
    { what: 'peak memory of the removal (MiB)', measured: removal.peak, limit: 150 },
  ];
}

function ordinaryProfiles({ hostile }: Trees, digest: ReadonlyMap<string, string>): number {
  const all = [...digest.keys()].filter((path) => !path.includes('/')).length;
  return all - [...hostile.values()].flat().length;
}

type ProfileEngine = ReturnType<typeof startProfileEngine>;

async function atWork(
  trees: Trees,
  work: (engine: ProfileEngine) => ReturnType<ProfileEngine['remove']>,
): Promise<{ count: number; milliseconds: number; peak: number }> {
  const engine = startProfileEngine(trees, 'disturbed-files');
  let count = 0;
  const milliseconds = await timed(async () => {
    const { results } = await work(engine);
    count = results.filter(({ action }) => action === 'Removed' || action === 'Restored').length;
  });
  const peak = engine.peakMemory();
  await engine.end();
  return { count, milliseconds, peak };
}
