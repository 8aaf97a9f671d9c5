/** Runs the tests of the module and the examples with Pester 5 in pwsh, on the copy of the module whose engine has virtual cards. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import * as v from 'valibot';
import { sourceFiles } from '../files.js';
import { isRequired } from '../require.js';
import { demoModuleFolder, root } from '../root.js';
import { findProgram, run } from '../run.js';
import type { TestReport } from './tally.js';

const pesterMissing = 4;

const pesterResults = v.array(
  v.object({
    File: v.string(),
    Name: v.string(),
    Result: v.string(),
    Reason: v.string(),
    Place: v.string(),
  }),
);

type PesterResult = v.InferOutput<typeof pesterResults>[number];

function toReport({ File, Name, Result, Reason, Place }: PesterResult): TestReport {
  const group = File === '' ? 'tests' : relative(root, File).split(sep).join('/');
  const outcome =
    Result === 'Passed' ? 'passed' : Result === 'Skipped' || Result === 'NotRun' ? 'skipped' : 'failed';
  const detail =
    outcome === 'failed' ? `${Reason}\n${Place}`.trim() : Reason.replace(/^is skipped, because /u, '');
  return {
    group,
    name: Name,
    outcome,
    detail: outcome === 'skipped' && detail === '' ? 'no reason given' : detail,
  };
}

/** One report per file that could not be run. */
function missing(files: readonly string[], what: string): TestReport[] {
  const outcome = isRequired('pwsh') ? 'failed' : 'skipped';
  return files.map((file) => ({
    group: file,
    name: 'all tests of this file',
    outcome,
    detail: `install ${what}`,
  }));
}

async function runPester(pwsh: string, files: readonly string[]): Promise<TestReport[]> {
  const resultPath = join(root, 'out', 'pester.json');
  rmSync(resultPath, { force: true });
  const env = existsSync(demoModuleFolder) ? { CERTPROP_TEST_MODULE: demoModuleFolder } : {};
  const script = join(root, 'build', 'test', 'pester.ps1');
  const { exitCode, output, errors } = await run(
    pwsh,
    [
      '-NoProfile',
      '-NonInteractive',
      '-File',
      script,
      '-Path',
      join(root, 'tests'),
      '-ResultPath',
      resultPath,
    ],
    { env },
  );
  if (exitCode === pesterMissing) {
    return missing(files, 'Pester 5 (Install-Module Pester)');
  }
  if (!existsSync(resultPath)) {
    const detail = `pwsh ended with exit code ${exitCode ?? 'none'}\n${output}${errors}`;
    return [{ group: 'tests', name: 'Pester', outcome: 'failed', detail }];
  }
  return v.parse(pesterResults, JSON.parse(readFileSync(resultPath, 'utf8'))).map(toReport);
}

export async function runModuleTests(): Promise<TestReport[]> {
  const files = sourceFiles('tests', /\.Tests\.ps1$/u);
  if (files.length === 0) {
    return [];
  }
  const pwsh = findProgram('pwsh');
  return pwsh === null
    ? missing(files, 'PowerShell 7.4 or later (pwsh on PATH) with Pester 5')
    : runPester(pwsh, files);
}
