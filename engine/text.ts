/** Text that comes from outside, and bytes, as people read them. */

/** Control (Cc), format (Cf, which holds the bidirectional controls), line and paragraph separators, and lone surrogates. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Shows control and bidirectional characters as `\u{…}`, so that no outside text can disguise itself. */
export function visible(text: string): string {
  // Most text is plain; the pattern below takes several times as long to find nothing.
  if (!/[^\x20-\x7e]/u.test(text)) return text;
  return text.replace(invisible, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

export function visibleOrNull(text: string | null): string | null {
  return text === null ? null : visible(text);
}

/** Upper-case hex without separators. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex').toUpperCase();
}

/** A status word or return code with its prefix: `0x6A82`, `0x8010000C`. */
export function hexCode(code: number, digits: 4 | 8): string {
  return `0x${code.toString(16).toUpperCase().padStart(digits, '0')}`;
}
