/** PIV cards (NIST SP 800-73-4): YubiKeys, the cards of US agencies, and many others. */
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { sendCommand } from './apdu.js';
import type { OpenApplication } from './application.js';
import { readPivCertificates } from './piv-certificates.js';
import { pivObjects, type PivObjects } from './piv-data.js';
import { identify, type PivIdentity } from './piv-identity.js';
import { statusWords } from './status-word.js';
import { findValue, parseDataObjects } from './tlv.js';

/** The owner of the application's identifier (RID): NIST. */
const owner = Buffer.from('A000000308', 'hex');
/** The rest of it (PIX), without its two bytes of version (part 1, 2.2). */
const extension = Buffer.from('00001000', 'hex');

const propertyTemplateTag = 0x61;
const applicationIdTag = 0x4f;

/** A card whose PIV application is selected. It is good for one transaction. */
export interface Piv extends PivIdentity {
  readonly objects: PivObjects;
}

/** Null for a card without the application. @throws all that `transmit` throws */
export async function selectPiv(card: SmartCardConnection): Promise<Piv | null> {
  const answer = await select(card);
  if (answer === null) return null;
  const objects = pivObjects(card);
  const identity = await identify(objects, namesPiv(answer));
  return identity === null ? null : { ...identity, objects };
}

/** PIV cards hold no roots for others, and their public keys in the certificates only. */
export const openPiv: OpenApplication = async (card) => {
  const piv = await selectPiv(card);
  if (piv === null) return null;
  const { objects, cardId, serialNumber } = piv;
  return {
    family: 'PIV',
    ...{ cardId, serialNumber },
    label: null,
    certificates: (options) => readPivCertificates(objects, options),
    roots: noRoots,
    publicKey: () => Promise.resolve(null),
  };
};

// eslint-disable-next-line @typescript-eslint/require-await -- there is nothing to wait for
async function* noRoots(): AsyncGenerator<never> {
  yield* [];
}

/** The answer to SELECT, null if the card has no such application. */
async function select(card: SmartCardConnection): Promise<Uint8Array | null> {
  const data = Buffer.concat([owner, extension]);
  const answer = await sendCommand(card, { cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x00, data, le: 256 });
  return answer.statusWord === statusWords.ok ? answer.data : null;
}

/** Whether the application property template (part 2, 3.1.1) has PIV's identifier, or its extension only, as most cards have it. */
function namesPiv(answer: Uint8Array): boolean {
  try {
    const template = findValue(parseDataObjects(answer), propertyTemplateTag) ?? new Uint8Array();
    const name = Buffer.from(findValue(parseDataObjects(template), applicationIdTag) ?? new Uint8Array());
    const start = name.indexOf(owner) === 0 ? owner.length : 0;
    return name.subarray(start, start + extension.length).equals(extension);
  } catch (error) {
    if (error instanceof CertPropError) return false;
    throw error;
  }
}
