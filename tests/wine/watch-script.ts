/**
 * Run by node.exe under Wine: watches the readers' cards and tells of each change, and of the service, as a line to a TCP port of this
 * machine (the argument). Ends when the connection does, and then says so with its exit code: 0 when nothing is held any more.
 */
import { connect } from 'node:net';
import { pcscReaders } from '../../engine/pcsc/pcsc.js';

const socket = connect({
  port: Number(process.argv[2]),
  host: '127.0.0.1',
  noDelay: true,
  allowHalfOpen: true,
});
const stop = new AbortController();
const readers = pcscReaders();
const tell = (...words: readonly string[]): void => {
  socket.write(`${words.join(' ')}\n`);
};

async function watch(): Promise<void> {
  const changes = readers.changes(stop.signal, (service) => {
    tell('Service', service);
  });
  for await (const { kind, readerName } of changes) tell(kind, readerName);
  tell('end');
}

socket.resume().once('end', () => {
  stop.abort();
});
void watch()
  .catch((error: unknown) => {
    tell(String(error));
  })
  .then(() => readers.close())
  .then(() => {
    socket.end();
  });
