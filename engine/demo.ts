/** The demo's and the tests' engine: virtual cards in the folder `readers` beside this script. */
import { dirname, join } from 'node:path';
import { embeddedReaders } from './pcsc/embedded.js';
import { startEngine } from './start.js';
import { loadCardFile } from './virtual/card-file.js';

startEngine(embeddedReaders(join(dirname(process.argv[1] ?? ''), 'readers'), loadCardFile), null);
