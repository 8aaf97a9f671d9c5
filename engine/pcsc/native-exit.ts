/** Ending the process while native code blocks. */
import { type Koffi, koffiIfLoaded } from '../native/koffi.js';

/**
 * Ends the process at once. process.exit() joins the threads of libuv's pool first, and so waits for as long as a native call
 * blocks one of them. Neither 'exit' listeners run nor is buffered output written: flush before.
 * @param code the process's exit code, 0 to 255
 */
export function exitNow(code: number): never {
  const koffi = koffiIfLoaded();
  if (koffi !== null) exitNatively(koffi, code);
  process.exit(code);
}

function exitNatively(koffi: Koffi, code: number): void {
  if (process.platform === 'win32') {
    const kernel32 = koffi.load('kernel32.dll');
    const currentProcess: unknown = kernel32.func('__stdcall', 'GetCurrentProcess', 'void *', [])();
    kernel32.func('__stdcall', 'TerminateProcess', 'int', ['void *', 'uint'])(currentProcess, code);
  } else {
    koffi.load(null).func('_exit', 'void', ['int'])(code);
  }
}
