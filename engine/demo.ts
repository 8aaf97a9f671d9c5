/**
 * The demo's and the tests' engine: virtual cards in the folder `readers` beside this script, and off Windows the policies in
 * `policy.json` there.
 */
import { dirname, join } from 'node:path';
import { embeddedReaders } from './pcsc/embedded.js';
import { machinePolicies } from './policy/machine.js';
import { startEngine } from './start.js';
import { loadCardFile } from './virtual/card-file.js';

const folder = dirname(process.argv[1] ?? '');
startEngine({
  readers: embeddedReaders(join(folder, 'readers'), loadCardFile),
  keyProviders: null,
  cardCache: null,
  policies: machinePolicies(join(folder, 'policy.json')),
});
