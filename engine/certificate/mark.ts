/**
 * The provenance mark: what CertProp writes into a stored certificate's description (property 13, shown by certmgr), for example
 * `CertProp 0.1.0; card=0011…; reader=Yubico%20YubiKey; at=2026-11-21T09:45:00Z`.
 * A line that does not parse exactly is no mark. Anyone can write one: a mark alone proves nothing.
 */

export interface Mark {
  readonly version: string;
  readonly cardId: string;
  readonly readerName: string;
  /** Seconds precision, UTC; milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
}

const form =
  /^CertProp (\d{1,5}\.\d{1,5}\.\d{1,5}); card=(\S{1,600}); reader=(\S{1,1200}); at=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/u;

export function formatMark({ version, cardId, readerName, at }: Mark): string {
  const time = new Date(at).toISOString().replace(/\.\d{3}Z$/u, 'Z');
  return `CertProp ${version}; card=${percentEncode(cardId)}; reader=${percentEncode(readerName)}; at=${time}`;
}

/** Null for anything but a line that `formatMark` wrote. */
export function parseMark(line: string): Mark | null {
  const [, version, card, reader, time] = form.exec(line) ?? [];
  if (version === undefined || card === undefined || reader === undefined || time === undefined) return null;
  const cardId = percentDecode(card);
  const readerName = percentDecode(reader);
  const at = Date.parse(time);
  if (cardId === null || readerName === null || Number.isNaN(at)) return null;
  const mark = { version, cardId, readerName, at };
  return formatMark(mark) === line ? mark : null;
}

/** RFC 3986 section 2.1; a lone surrogate, which has no UTF-8 form, becomes U+FFFD. */
function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function percentDecode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
