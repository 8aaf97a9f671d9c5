/** What a card's answer to reset says of its transport (ISO/IEC 7816-3:2006, 8.2; ISO/IEC 7816-4:2013, 12.1.1). */

/** Third software function table of the card capabilities, bit 7: extended Lc and Le fields. */
const extendedLengthBit = 0x40;

/** Compact-TLV tag of the card capabilities in the historical bytes. */
const capabilitiesTag = 0x7;

interface AnswerToReset {
  readonly protocols: ReadonlySet<number>;
  readonly historicalBytes: Uint8Array;
}

/** Reads an answer to reset; one that is cut short gives what is there. */
function readAtr(atr: Uint8Array): AnswerToReset {
  const protocols = new Set<number>();
  const format = atr[1] ?? 0;
  let interfaceBytes = format >> 4;
  let offset = 2;
  while (offset < atr.length) {
    const next = offset + (interfaceBytes & 1) + ((interfaceBytes >> 1) & 1) + ((interfaceBytes >> 2) & 1);
    if ((interfaceBytes & 8) === 0) {
      offset = next;
      break;
    }
    const td = atr[next] ?? 0;
    protocols.add(td & 0x0f);
    interfaceBytes = td >> 4;
    offset = next + 1;
  }
  if (protocols.size === 0) protocols.add(0);
  return { protocols, historicalBytes: atr.subarray(offset, offset + (format & 0x0f)) };
}

/** Whether the card speaks T=0 only, where a command with data can't also carry Le (ISO/IEC 7816-3:2006, 12.2.1). */
export function speaksOnlyT0(atr: Uint8Array): boolean {
  const { protocols } = readAtr(atr);
  return protocols.has(0) && !protocols.has(1);
}

/** Whether card capabilities (three bytes of software function tables) announce extended length fields. */
export function announcesExtendedLength(capabilities: Uint8Array): boolean {
  return ((capabilities[2] ?? 0) & extendedLengthBit) !== 0;
}

/** Whether the historical bytes announce extended length fields. */
export function atrAnnouncesExtendedLength(atr: Uint8Array): boolean {
  const { historicalBytes } = readAtr(atr);
  const category = historicalBytes[0];
  if (category !== 0x80 && category !== 0x00) return false;
  const end = category === 0x00 ? historicalBytes.length - 3 : historicalBytes.length;
  let offset = 1;
  while (offset < end) {
    const header = historicalBytes[offset] ?? 0;
    const length = header & 0x0f;
    const value = historicalBytes.subarray(offset + 1, Math.min(offset + 1 + length, end));
    if (header >> 4 === capabilitiesTag) return announcesExtendedLength(value);
    offset += 1 + length;
  }
  return false;
}
