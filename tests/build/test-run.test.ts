import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import {
  exitCodeOf,
  groupText,
  skippedText,
  tallyLine,
  tally,
  type TestReport,
} from '../../build/test/tally.js';

const report = v.object({
  group: v.string(),
  name: v.string(),
  outcome: v.picklist(['passed', 'failed', 'skipped']),
  detail: v.string(),
});

/** Runs test files in a process that is itself no test. */
function reportsOf(...sources: string[]): TestReport[] {
  const script = fileURLToPath(new URL('./fixtures/run-tests.js', import.meta.url));
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT;
  const { stdout } = spawnSync(process.execPath, ['--enable-source-maps', script, ...sources], {
    env,
    encoding: 'utf8',
  });
  return v.parse(v.array(report), JSON.parse(stdout));
}

test('each test counts once, suites do not, and a failure tells what the file printed', () => {
  const reports = reportsOf('tests/build/fixtures/outcomes.ts');
  assert.deepEqual(reports.map(({ name, outcome }) => `${name}: ${outcome}`).sort(), [
    'fails inside: failed',
    'is skipped: skipped',
    'passes: passed',
  ]);
  const failure = reports.find(({ outcome }) => outcome === 'failed')?.detail ?? '';
  assert.match(failure, /one is not two/u);
  assert.match(failure, /printed by the file/u);
  assert.match(failure, /outcomes\.ts:\d+/u);
  assert.doesNotMatch(failure, /node:internal/u);
});

test('a file without a test fails', () => {
  assert.deepEqual(reportsOf('tests/build/fixtures/no-test.ts'), [
    {
      group: 'tests/build/fixtures/no-test.ts',
      name: 'the file itself',
      outcome: 'failed',
      detail: 'this file holds no test',
    },
  ]);
});

test('the closing line counts everything', () => {
  assert.equal(tallyLine({ passed: 3, failed: 0, skipped: 1 }), '3 passed, 0 failed, 1 skipped');
});

test('a run fails on a failure, and when nothing ran', () => {
  assert.equal(exitCodeOf({ passed: 3, failed: 0, skipped: 1 }), 0);
  assert.equal(exitCodeOf({ passed: 3, failed: 1, skipped: 0 }), 1);
  assert.equal(exitCodeOf({ passed: 0, failed: 0, skipped: 4 }), 1);
});

test('skipped tests are named under what to install', () => {
  const skipped = ['a', 'b'].map((name) => ({
    group: 'g',
    name,
    outcome: 'skipped' as const,
    detail: 'install x',
  }));
  assert.equal(skippedText(skipped), 'Skipped: install x\n  g: a\n  g: b');
  assert.equal(groupText('g', skipped), 'g: 0 passed, 0 failed, 2 skipped');
  assert.deepEqual(tally(skipped), { passed: 0, failed: 0, skipped: 2 });
});
