import { checks } from '../check/all.js';
import type { CheckResult } from '../check/result.js';
import type { TestReport } from './tally.js';

function report({ name, problems, skipped }: CheckResult): TestReport {
  if (problems.length > 0) {
    return { group: 'checks', name, outcome: 'failed', detail: problems.join('\n') };
  }
  return skipped === undefined
    ? { group: 'checks', name, outcome: 'passed', detail: '' }
    : { group: 'checks', name, outcome: 'skipped', detail: `install ${skipped}` };
}

/** Each check as one test. */
export async function runChecks(): Promise<TestReport[]> {
  const reports: TestReport[] = [];
  for (const check of checks) {
    reports.push(report(await check()));
  }
  return reports;
}
