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

const { parallel, serial } = engineTests();
const reports = await runChecks();
print('checks', reports);
reports.push(...(await runEngineTests(parallel, Math.max(2, availableParallelism()), print)));
// The module's tests have virtual cards of their own and leave the second core to the real parts.
const [serialReports, moduleReports] = await Promise.all([
  runEngineTests(serial, 1, print),
  runModuleTests(),
]);
for (const [group, found] of groups(moduleReports, (report) => report.group)) {
  print(group, found);
}
reports.push(...serialReports, ...moduleReports);

const skipped = skippedText(reports);
if (skipped !== '') {
  console.log(`\n${skipped}`);
}
const result = tally(reports);
console.log(`\n${tallyLine(result)}`);
process.exitCode = exitCodeOf(result);
