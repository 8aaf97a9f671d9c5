import { join } from 'node:path';
import { root } from '../root.js';
import { run } from '../run.js';
import type { Check } from './result.js';

/** A check by a tool from npm: its script in node_modules, and its arguments. */
function tool(name: string, script: string, args: readonly string[]): Check {
  return async () => {
    const { exitCode, output, errors } = await run(process.execPath, [
      join(root, 'node_modules', script),
      ...args,
    ]);
    const problems = exitCode === 0 ? [] : [`${output}${errors}`.trim() || `exit code ${exitCode ?? 'none'}`];
    return { name, problems };
  };
}

export const typeCheck = tool('types (tsc)', 'typescript/bin/tsc', ['--noEmit', '--pretty', 'false']);
export const lint = tool('lint (eslint)', 'eslint/bin/eslint.js', ['--max-warnings', '0', '.']);
export const format = tool('format (prettier)', 'prettier/bin/prettier.cjs', [
  '--check',
  '--log-level',
  'warn',
  '.',
]);

/** What each room of the engine may import: .dependency-cruiser.cjs. */
export const imports = tool('imports (dependency-cruiser)', 'dependency-cruiser/bin/dependency-cruise.mjs', [
  '--config',
  '.dependency-cruiser.cjs',
  '--output-type',
  'err-long',
  'engine',
  'build',
  'tests',
]);
