/** The engine at work on profiles, as the cmdlets ask it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noSelectors, startEngineClient, type EngineClient } from '../../../build/engine-client.js';
import { moduleFolder } from '../../../build/root.js';
import type { PropagationResult } from '../../../engine/propagation/result.js';
import type { StoresPlace, StreamEvent } from '../../../engine/rpc/contract.js';
import { nobody, type Trees } from './trees.js';

/** Loaded into the engine before all else. */
export type Preload = 'disturbed-files' | 'killed-engine' | null;

export interface ProfileEngine {
  /** What is listed, and the sentences of warnings and errors. */
  list(): Promise<Told>;
  /** Removes all that came from cards, with a backup in this folder. */
  remove(backupFolder: string): Promise<Told>;
  /** Restores every run in this folder. */
  restore(backupFolder: string): Promise<Told>;
  /** The most memory that the engine has had (MiB). */
  peakMemory(): number;
  end(): Promise<unknown>;
}

export interface Told {
  readonly count: number;
  readonly results: readonly PropagationResult[];
  readonly problems: readonly string[];
}

/** Without root's rights, to which nothing is forbidden; where this process has none, as itself. */
export const unprivileged = process.geteuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

export function startProfileEngine(
  { profiles }: Pick<Trees, 'profiles'>,
  preload: Preload,
  environment: NodeJS.ProcessEnv = {},
  user: typeof unprivileged = {},
): ProfileEngine {
  const engine = startEngineClient(
    join(moduleFolder, 'engine', 'certprop.cjs'),
    { ...process.env, ...environment, NODE_OPTIONS: preload === null ? '' : importOption(preload) },
    user,
  );
  const storePlace: StoresPlace = { kind: 'Profiles', paths: [join(profiles, '*')] };
  const plain = { trace: 'None', storePlace } as const;
  const storeNames = ['My', 'Request'];

  async function apply(plan: { readonly planId: number; readonly count: number }): Promise<Told> {
    const indexes = Array.from({ length: plan.count }, (_, index) => index);
    const { told, listener } = listen();
    await engine.request('plan/apply', { trace: 'None', planId: plan.planId, indexes }, listener);
    return told();
  }

  return {
    async list() {
      const { told, listener } = listen();
      await engine.request(
        'inventory/list',
        { ...noSelectors, ...plain, storeNames, summary: false },
        listener,
      );
      return told();
    },
    async remove(backupFolder) {
      const backup = { folder: backupFolder, run: '1' };
      const wanted = { ...noSelectors, ...plain, storeNames, named: false, roots: false, backup };
      return apply(await engine.request('removal/plan', wanted));
    },
    async restore(backupFolder) {
      const runs: Told[] = [];
      for (const name of readdirSync(backupFolder)) {
        const backupPath = join(backupFolder, name);
        // Killed before there was an index, and so before anything was removed.
        if (!readdirSync(backupPath).includes('index.jsonl')) continue;
        runs.push(
          await apply(await engine.request('restoration/plan', { ...plain, backupPath, thumbprints: null })),
        );
      }
      return {
        count: runs.reduce((sum, { count }) => sum + count, 0),
        results: runs.flatMap(({ results }) => results),
        problems: runs.flatMap(({ problems }) => problems),
      };
    },
    peakMemory: () => peakMemoryOf(engine),
    end: () => engine.end(),
  };
}

function importOption(preload: Exclude<Preload, null>): string {
  return `--import=${new URL(`${preload}.js`, import.meta.url).href}`;
}

function listen(): { told: () => Told; listener: (event: StreamEvent) => void } {
  let count = 0;
  const results: PropagationResult[] = [];
  const problems: string[] = [];
  return {
    told: () => ({ count, results, problems }),
    listener(event) {
      if ('error' in event) problems.push(event.error.message);
      if (event.kind === 'propagated') count++;
      if (event.kind === 'result') results.push(event.result);
    },
  };
}

/** proc(5), VmHWM. */
function peakMemoryOf({ processId }: EngineClient): number {
  const [, kibibytes] = /^VmHWM:\s*(\d+) kB$/mu.exec(readFileSync(`/proc/${processId}/status`, 'utf8')) ?? [];
  return Number(kibibytes) / 1024;
}

/** Hostile profiles that no sentence names. */
export function unnamed({ hostile }: Trees, problems: readonly string[]): readonly string[] {
  return [...hostile.values()].flat().filter((path) => !problems.some((problem) => problem.includes(path)));
}
