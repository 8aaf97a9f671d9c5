/** What the runners report, in one shape. */
export interface TestReport {
  /** The file (or the checker) that the test belongs to. */
  readonly group: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Of a failed test: message and place; of a skipped one: why, or what to install. */
  readonly detail: string;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function tally(reports: readonly TestReport[]): Tally {
  const count = (outcome: TestReport['outcome']) =>
    reports.filter((report) => report.outcome === outcome).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

/** `3 passed, 0 failed, 1 skipped` */
export function tallyLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Failing tests stop a change; a run without any test that ran proves nothing. */
export function exitCodeOf({ passed, failed }: Tally): 0 | 1 {
  return failed > 0 || passed === 0 ? 1 : 0;
}

function indent(text: string): string {
  return text.replace(/^/gmu, '    ');
}

/** One line per file, and under it what failed there. */
export function groupText(group: string, reports: readonly TestReport[]): string {
  const failures = reports
    .filter((report) => report.outcome === 'failed')
    .map((report) => `  FAILED ${report.name}\n${indent(report.detail)}`);
  return [`${group}: ${tallyLine(tally(reports))}`, ...failures].join('\n');
}

/** Reports by what they share, in the order of first appearance. */
export function groups(
  reports: readonly TestReport[],
  key: (report: TestReport) => string,
): Map<string, TestReport[]> {
  const found = new Map<string, TestReport[]>();
  for (const report of reports) {
    found.set(key(report), [...(found.get(key(report)) ?? []), report]);
  }
  return found;
}

/** The names of the skipped tests under the reason that they share; empty when none was. */
export function skippedText(reports: readonly TestReport[]): string {
  const skipped = reports.filter((report) => report.outcome === 'skipped');
  return [...groups(skipped, (report) => report.detail)]
    .map(([reason, tests]) => [
      `Skipped: ${reason}`,
      ...tests.map(({ group, name }) => `  ${group}: ${name}`),
    ])
    .flat()
    .join('\n');
}
