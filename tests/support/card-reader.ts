/** A virtual reader as Windows' resource manager sees it: what is in it, and who uses that. */
import type { VirtualCard } from '../../engine/pcsc/embedded.js';

export type InReader = VirtualCard | 'Mute' | null;

/** A card that a program is connected to; it is bound to one insertion. */
export interface Connected {
  readonly reader: CardReader;
  readonly insertion: number;
  wasReset: boolean;
}

export interface CardReader {
  readonly readerName: string;
  content: InReader;
  /** Insertions and removals so far: the high word of SCARD_READERSTATE.dwEventState. */
  events: number;
  commandCount: number;
  resetCount: number;
  readonly connected: Set<Connected>;
  /** Who is in a transaction. */
  holder: Connected | null;
}

export function newReader(readerName: string): CardReader {
  const nobody = { connected: new Set<Connected>(), holder: null };
  return { readerName, content: null, events: 0, commandCount: 0, resetCount: 0, ...nobody };
}

/** winscard.h, SCARD_STATE_*. */
export const state = {
  changed: 0x2,
  unavailable: 0xc,
  empty: 0x10,
  present: 0x20,
  inUse: 0x100,
  mute: 0x200,
};

export function readerState({ content, events, connected }: CardReader): number {
  const bits =
    content === null
      ? state.empty
      : state.present | (content === 'Mute' ? state.mute : 0) | (connected.size > 0 ? state.inUse : 0);
  return (((events & 0xffff) << 16) | bits) >>> 0;
}

/** Puts a card in, or takes it out: whoever was connected stays connected to what is gone. */
export function change(reader: CardReader, content: InReader): void {
  reader.content = content;
  reader.events += 1;
  reader.holder = null;
  reader.connected.clear();
}

/** The card that somebody is connected to; null when it is gone. */
export function cardOf({ reader, insertion }: Connected): VirtualCard | null {
  const { content, events } = reader;
  return insertion === events && content !== 'Mute' ? content : null;
}

/** Resets the card; all who are connected, but for one, hear of it. */
export function reset(reader: CardReader, by: Connected | null): void {
  if (reader.content === null || reader.content === 'Mute') return;
  reader.content.reset();
  reader.resetCount += 1;
  for (const other of reader.connected) if (other !== by) other.wasReset = true;
}

/** Ends what somebody has of a reader. */
export function leave(connected: Connected): void {
  connected.reader.connected.delete(connected);
  if (connected.reader.holder === connected) connected.reader.holder = null;
}
