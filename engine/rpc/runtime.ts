/**
 * Installs what vscode-jsonrpc needs of its surroundings. Its own `vscode-jsonrpc/node` loads net, crypto and child_process for
 * transports that the engine has no use for, which takes longer than all the rest of the library (measured: 8 ms against 4 ms).
 */
import { Disposable, RAL } from 'vscode-jsonrpc';

/** Only vscode-jsonrpc's own reader and writer, which the engine does not use, ask for it. */
function unused(): never {
  throw new Error('The engine frames messages itself.');
}

type Callback = (...values: unknown[]) => void;

export function installRuntime(): void {
  RAL.install({
    timer: {
      setTimeout: (callback: Callback, milliseconds, ...values: unknown[]) => {
        const timer = setTimeout(callback, milliseconds, ...values);
        return Disposable.create(() => {
          clearTimeout(timer);
        });
      },
      setImmediate: (callback: Callback, ...values: unknown[]) => {
        const immediate = setImmediate(callback, ...values);
        return Disposable.create(() => {
          clearImmediate(immediate);
        });
      },
      setInterval: unused,
    },
    console,
    crypto: { randomUUID: unused },
    messageBuffer: { create: unused },
    applicationJson: {
      encoder: { name: 'unused', encode: unused },
      decoder: { name: 'unused', decode: unused },
    },
  });
}
