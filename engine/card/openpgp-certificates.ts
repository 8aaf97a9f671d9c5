/** The cardholder certificates of an OpenPGP card, DO 7F21 (OpenPGP card specification 3.4.1, 4.4.3.11, 7.2.5 and 7.2.6). */
import { CertPropError } from '../errors.js';
import { expectOk, sendCommand, type Answer } from './apdu.js';
import type { CardCertificateFile, UnreadableFile } from './card.js';
import { isObjectError } from './object-error.js';
import { getData, listKeys, type KeyList, type Openpgp } from './openpgp-application.js';
import { keySlots, type KeySlot } from './openpgp-key-slots.js';
import { statusWords } from './status-word.js';
import { readDataObject } from './tlv.js';

const certificateTag = 0x7f21;
const sequenceTag = 0x30;

/** Certificates came with version 2, one for each key and SELECT DATA with version 3. */
const firstVersionWithCertificate = 0x0200;
const firstVersionWithSeveral = 0x0300;

/** The data of SELECT DATA: a general reference (60) with a tag list (5C). */
const selection = Uint8Array.of(0x60, 0x04, 0x5c, 0x02, 0x7f, 0x21);
/** YubiKeys up to firmware 5.4.3 want its length before it, and answer 6A80 without (as found in Yubico's yubikey-manager). */
const selectionWithLength = Uint8Array.of(selection.length, ...selection);

/** Cards differ in how they say that a certificate, or a second and third one, is not there. */
const absent: ReadonlySet<number> = new Set([
  statusWords.functionNotSupported,
  statusWords.fileNotFound,
  statusWords.incorrectParameters,
  statusWords.referencedDataNotFound,
  statusWords.wrongParameters,
  statusWords.instructionNotSupported,
]);

/**
 * The certificates, one after the other as they are read; one that can't be used comes with its error, and the others follow.
 *
 * The card lists its keys, not its certificates. The first certificate is always asked for, the others where the card lists their key,
 * where a certificate without a listed key was found, and with `allSlots`. SELECT DATA is used although GET NEXT DATA would need a
 * command less: two of the cards whose source is public (SmartPGP, CanoKey) then give another certificate than the specification says.
 * @throws CertPropError MalformedCardData, and all that `transmit` throws
 */
export async function* readCertificates(
  openpgp: Openpgp,
  { allSlots }: { readonly allSlots: boolean },
): AsyncGenerator<CardCertificateFile | UnreadableFile> {
  const { data } = openpgp;
  if (data.version < firstVersionWithCertificate || (data.largestCertificate === 0 && !allSlots)) return;
  const keys = await listKeys(openpgp);
  const read = certificateReader(openpgp);
  let lookEverywhere = allSlots;
  for (const slot of data.version < firstVersionWithSeveral ? keySlots.slice(0, 1) : keySlots) {
    const isListed = keys.present.has(slot.number);
    if (slot.occurrence > 0 && !isListed && !lookEverywhere) continue;
    const file = await certificateFile(openpgp, slot, keys, read);
    if (file === null) continue;
    lookEverywhere ||= !isListed;
    yield file;
  }
}

type ReadCertificate = (slot: KeySlot) => Promise<Uint8Array | null>;

/** Null where there is no certificate. */
async function certificateFile(
  { publicKey }: Openpgp,
  slot: KeySlot,
  keys: KeyList,
  read: ReadCertificate,
): Promise<CardCertificateFile | UnreadableFile | null> {
  const fileName = `7F21.${slot.occurrence}`;
  try {
    const certificate = await read(slot);
    if (certificate === null) return null;
    const hasKey = keys.present.has(slot.number) || (!keys.complete && (await publicKey(slot)) !== null);
    return {
      ...{ fileName, certificate, label: null, isRoot: false },
      ...{ slot: slot.name, container: null, keySpec: slot.keySpec, key: hasKey ? 'Unnamed' : 'None' },
    };
  } catch (error) {
    if (!isObjectError(error)) throw error;
    return { fileName, error: error.with({ file: fileName }) };
  }
}

/** The first certificate is the one that GET DATA gives unless another was selected. */
function certificateReader(openpgp: Openpgp): ReadCertificate {
  const { card } = openpgp;
  const select = occurrenceSelector(openpgp);
  return async (slot) => {
    const action = `give its ${slot.name} certificate`;
    if (slot.occurrence > 0) {
      const answer = await select(slot.occurrence);
      if (absent.has(answer.statusWord)) return null;
      expectOk(card, answer, action);
    }
    const answer = await getData(card, certificateTag);
    return absent.has(answer.statusWord) ? null : certificateIn(expectOk(card, answer, action));
  };
}

/** SELECT DATA in the form that the card takes. */
function occurrenceSelector({ card }: Openpgp): (occurrence: number) => Promise<Answer> {
  let data = selection;
  const send = (occurrence: number) =>
    sendCommand(card, { cla: 0, ins: 0xa5, p1: occurrence, p2: 0x04, data });
  return async (occurrence) => {
    const answer = await send(occurrence);
    if (answer.statusWord !== statusWords.incorrectData || data === selectionWithLength) return answer;
    data = selectionWithLength;
    return send(occurrence);
  };
}

/** Null for an empty object; cards that keep certificates in files of fixed size fill them up with zeros. */
function certificateIn(bytes: Uint8Array): Uint8Array | null {
  if (bytes.every((byte) => byte === 0)) return null;
  if (bytes[0] !== sequenceTag) throw malformed('it holds something else than an X.509 certificate');
  const { end } = readDataObject(bytes, 0);
  if (bytes.subarray(end).some((byte) => byte !== 0)) throw malformed('other bytes follow the certificate');
  return Uint8Array.from(bytes.subarray(0, end));
}

function malformed(problem: string): CertPropError {
  return new CertPropError('MalformedCardData', `A certificate object on the card is damaged: ${problem}.`);
}
