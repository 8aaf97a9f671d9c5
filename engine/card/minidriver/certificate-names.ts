/** The names of certificate files, `kxcNN` and `kscNN` (Windows Smart Card Minidriver Specification v7.07, File System Requirements). */
import type { KeySpec } from '../card.js';

export interface CertificateName {
  /** In lower case. */
  readonly fileName: string;
  readonly keySpec: KeySpec;
  /** The container's index, two digits: decimal as Microsoft has it, hexadecimal as OpenSC's GIDS driver has it. */
  readonly digits: string;
}

/** Null for the name of another file; upper and lower case are the same. */
export function parseCertificateName(name: string): CertificateName | null {
  const match = /^k([xs])c([0-9a-f]{2})$/u.exec(name.toLowerCase());
  if (match === null) return null;
  const [fileName, kind, digits = ''] = match;
  return { fileName, keySpec: kind === 'x' ? 'KeyExchange' : 'Signature', digits };
}

/** The name of a container's certificate file, numbered as the card's other ones are. */
export function certificateFileName(keySpec: KeySpec, index: number, base: 10 | 16): string {
  const digits = index.toString(base).toUpperCase().padStart(2, '0');
  return `${keySpec === 'KeyExchange' ? 'kxc' : 'ksc'}${digits}`;
}

/**
 * Whether a card's certificate files are numbered in decimal or in hexadecimal. It matters from the eleventh container on:
 * a letter shows hexadecimal; otherwise hexadecimal is taken only where it fits the card's containers better.
 */
export function numberBase(
  names: readonly CertificateName[],
  hasContainer: (index: number) => boolean,
): 10 | 16 {
  if (names.some(({ digits }) => /[a-f]/u.test(digits))) return 16;
  const fitting = (base: 10 | 16): number =>
    names.filter(({ digits }) => hasContainer(Number.parseInt(digits, base))).length;
  return fitting(16) > fitting(10) ? 16 : 10;
}
