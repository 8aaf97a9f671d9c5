/** `npm test`: the checks, the engine's tests and the module's tests, with one line over all of them at the end. */
import { availableParallelism } from 'node:os';
import { runChecks } from './test/checks.js';
import { engineTests, runEngineTests } from './test/engine.js';
import { runModuleTests } from './test/pester.js';
import {
  exitCodeOf,
  groups,
  groupText,
  skippedText,
  tally,
  tallyLine,
  type TestReport,
} from './test/tally.js';

function print(group: string, reports: readonly TestReport[]): void {
  console.log(groupText(group, reports));
}

const { parallel, real, windows } = engineTests();
const reports = await runChecks();
print('checks', reports);
reports.push(...(await runEngineTests(parallel, Math.max(2, availableParallelism()), print)));
// Two rows side by side: what needs Wine, and what needs the one pcscd, with the module's tests after it.
const [windowsReports, realReports] = await Promise.all([
  runEngineTests(windows, 1, print),
  runEngineTests(real, 1, print).then(async (found) => ({ found, moduleReports: await runModuleTests() })),
]);
const { moduleReports } = realReports;
for (const [group, found] of groups(moduleReports, (report) => report.group)) {
  print(group, found);
}
reports.push(...windowsReports, ...realReports.found, ...moduleReports);

const skipped = skippedText(reports);
if (skipped !== '') {
  console.log(`\n${skipped}`);
}
const result = tally(reports);
console.log(`\n${tallyLine(result)}`);
process.exitCode = exitCodeOf(result);
