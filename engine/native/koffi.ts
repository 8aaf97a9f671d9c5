/** The foreign function interface, loaded when it is first needed (it costs a native module). */

import type * as koffi from 'koffi';

export type Koffi = typeof koffi;

let loaded: Koffi | null = null;

export async function loadKoffi(): Promise<Koffi> {
  loaded ??= await import('koffi');
  return loaded;
}

/** Null as long as nothing needed it. */
export function koffiIfLoaded(): Koffi | null {
  return loaded;
}
