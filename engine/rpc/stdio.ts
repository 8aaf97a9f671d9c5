/** Standard output belongs to the protocol. */
import type { Writable } from 'node:stream';

/**
 * Takes standard output for the protocol: from now on `process.stdout` and `console` are standard error.
 * Call it before anything is written.
 */
export function claimStandardOutput(): Writable {
  const output = process.stdout;
  Object.defineProperty(process, 'stdout', { configurable: true, get: standardError });
  return output;
}

/** Standard error; that nobody reads it ends nothing. */
export function standardError(): NodeJS.WriteStream {
  if (!process.stderr.listeners('error').includes(ignore)) process.stderr.on('error', ignore);
  return process.stderr;
}

function ignore(): void {
  // The pipe is gone, and with it whoever could be told.
}
