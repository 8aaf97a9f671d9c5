import { getSystemErrorName } from 'node:util';
import type { Koffi } from './koffi.js';

/** What a system call has just left in errno, with its `code`, as Node's own errors have it. */
export function systemError(koffi: Koffi, call: string): Error {
  const code = getSystemErrorName(-koffi.errno());
  return Object.assign(new Error(`${call}: ${code}`), { code });
}
