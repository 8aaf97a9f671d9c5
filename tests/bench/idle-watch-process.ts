/**
 * Watches the cards as an engine does that is asked to: with an engine's lifetime and bound to its parent. Says each change on standard
 * output. Argument: the folder of embedded readers; without one, the system's readers.
 */
import { embeddedReaders } from '../../engine/pcsc/embedded.js';
import { exitNow } from '../../engine/pcsc/native-exit.js';
import { pcscReaders } from '../../engine/pcsc/pcsc.js';
import { startLifetime } from '../../engine/rpc/lifetime.js';
import { loadCardFile } from '../../engine/virtual/card-file.js';

const [folder] = process.argv.slice(2);
const readers = folder === undefined ? pcscReaders() : embeddedReaders(folder, loadCardFile);
const lifetime = startLifetime({
  parent: process.ppid,
  idle: 600_000,
  settled: () => readers.settled(),
  exitNow,
});
process.stdin.resume().on('end', () => void lifetime.end(0));
await lifetime.during(
  (async () => {
    for await (const { kind, readerName } of readers.changes(lifetime.signal)) {
      console.log(`${kind} ${readerName}`);
    }
  })(),
);
