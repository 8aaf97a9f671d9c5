/** Remote Desktop connection files (`.rdp`): what they say of smart cards. */

export interface RdpFile {
  /** Whether smart cards are redirected: the last setting, or without one mstsc's default. */
  readonly redirectsSmartCards: boolean;
  /** The settings' values in the file, in their order. */
  readonly settings: readonly string[];
}

/**
 * `redirectsmartcards:i:0|1` (Microsoft, "Supported RDP properties"); without it smart cards are redirected. Any number but 0 is on.
 * Names have no case. Of several settings the last one counts here; which one counts for mstsc is documented nowhere.
 */
const setting = /^\s*redirectsmartcards\s*:\s*i\s*:\s*(-?\d{1,10})\s*$/iu;

/** @param bytes UTF-16 with a byte order mark, or UTF-8 with or without one */
export function parseRdpFile(bytes: Uint8Array): RdpFile {
  const settings = textOf(bytes)
    .split(/\r\n|\r|\n/u)
    .flatMap((line) => setting.exec(line)?.[1] ?? []);
  const last = settings.at(-1);
  return { redirectsSmartCards: last === undefined || Number(last) !== 0, settings };
}

function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder('utf-8').decode(bytes);
}
