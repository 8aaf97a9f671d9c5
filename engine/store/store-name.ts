import { CertPropError } from '../errors.js';
import { visible } from '../text.js';

/** Windows store names in use have at most 50 characters. */
const maxLength = 64;

/** [MS-FSCC] 2.1.5: what a file name can't hold on Windows. It includes both separators. */
const forbidden = /["*/:<>?\\|]/u;

/** The device names that Windows takes for a device in any folder, with any extension. */
const device = /^(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00B9\u00B2\u00B3])\s*(?:\.|$)/iu;

/**
 * Refuses a store name that is not the name of one folder on every operating system: the same store path must mean the same everywhere.
 * @throws CertPropError StoreNameInvalid
 */
export function checkStoreName(name: string): void {
  const problem = problemOf(name);
  if (problem === null) return;
  throw new CertPropError(
    'StoreNameInvalid',
    `'${visible(name.slice(0, maxLength))}' is not a store name: ${problem}. Use a name such as My or Request.`,
  );
}

function problemOf(name: string): string | null {
  if (name === '') return 'it is empty';
  if (name.length > maxLength) return `it has more than ${maxLength} characters`;
  if (visible(name) !== name) return 'it holds control characters';
  if (forbidden.test(name)) return 'it holds one of " * / : < > ? \\ |';
  if (/^\s|[\s.]$/u.test(name)) return 'it starts with a space, or ends with a space or a period';
  if (device.test(name)) return 'Windows reserves it for a device';
  return null;
}
