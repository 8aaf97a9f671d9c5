/**
 * Loaded into an engine before all else (node --import): kills it before one of the changes that it makes to files. CERTPROP_KILL_AT says
 * before which, 0 for none; into the file CERTPROP_CHANGES goes a byte for each.
 */
import { openSync, writeSync } from 'node:fs';
import { tellFileChanges } from '../file-changes.js';

const killAt = Number(process.env.CERTPROP_KILL_AT);
const journal = openSync(process.env.CERTPROP_CHANGES ?? '', 'w');
let changes = 0;

await tellFileChanges(() => {
  changes += 1;
  writeSync(journal, '.');
  if (changes === killAt) process.kill(process.pid, 'SIGKILL');
});
