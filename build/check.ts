/** `npm run check`: everything that can be said about the sources without running the product. */
import { runChecks } from './test/checks.js';
import { exitCodeOf, groupText, skippedText, tally } from './test/tally.js';

const reports = await runChecks();
console.log(groupText('checks', reports));
const skipped = skippedText(reports);
if (skipped !== '') {
  console.log(skipped);
}
process.exitCode = exitCodeOf(tally(reports));
