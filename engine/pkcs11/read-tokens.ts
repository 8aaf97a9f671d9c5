/** Reads the certificates of all tokens through a module, without a login. */
import { hex } from '../text.js';
import { attributeType, type Cryptoki, type Handle, objectClass, type ObjectClass } from './cryptoki.js';
import {
  type CertificateMessage,
  longestCertificate,
  longestText,
  mostBytes,
  mostObjects,
  type TokenMessage,
} from './messages.js';
import { ModuleError } from './module-error.js';
import { deviceRemoved, tokenNotPresent, tokenNotRecognized } from './return-values.js';

/** The card was pulled out by now, or is of a kind that the module doesn't know: it is none of the module's tokens. */
const withoutToken: readonly (number | null)[] = [tokenNotPresent, tokenNotRecognized, deviceRemoved];

/** Runs a step; what the module does wrong in it becomes a problem, and the result null. */
type Attempt = <T>(step: () => T) => T | null;
/** Counts bytes that were read. @throws ModuleError when it is too much altogether */
type Spend = (bytes: number) => void;

/**
 * The tokens, one after the other as they are read; what can't be read of one is among its problems.
 * @throws ModuleError what concerns the whole module
 */
export function* readTokens(cryptoki: Cryptoki): Generator<TokenMessage, void, void> {
  const spend = byteBudget();
  cryptoki.initialize();
  for (const slot of cryptoki.slotsWithToken()) {
    const token = readToken(cryptoki, slot, spend);
    if (token !== null) yield token;
  }
  cryptoki.finalize();
}

function byteBudget(): Spend {
  let left = mostBytes;
  return (bytes) => {
    left -= bytes;
    if (left < 0) throw new ModuleError(`claims more than ${mostBytes} bytes of certificates`);
  };
}

function readToken(cryptoki: Cryptoki, slot: Handle, spend: Spend): TokenMessage | null {
  const problems: string[] = [];
  const attempt: Attempt = (step) => {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof ModuleError)) throw error;
      problems.push(error.message);
      return null;
    }
  };
  const slotDescription = attempt(() => cryptoki.slotDescription(slot)) ?? '';
  const found = attempt(() => tokenInfo(cryptoki, slot));
  if (found === 'None') return null;
  const { initialized, ...info } = found ?? unknownToken;
  const open = () => cryptoki.openSession(slot);
  // A blank token, as SoftHSM always has one, may refuse a session and has nothing to read.
  const session = initialized ? attempt(open) : withoutProblem(open);
  const certificates = session === null ? [] : readCertificates(cryptoki, session, spend, attempt);
  if (session !== null) attempt(() => cryptoki.closeSession(session));
  return { kind: 'Token', slotDescription, ...info, certificates, problems };
}

const unknownToken = { label: '', serialNumber: '', manufacturer: '', model: '', initialized: true };

function tokenInfo(cryptoki: Cryptoki, slot: Handle): typeof unknownToken | 'None' {
  try {
    return cryptoki.tokenInfo(slot);
  } catch (error) {
    if (error instanceof ModuleError && withoutToken.includes(error.returnValue)) return 'None';
    throw error;
  }
}

function withoutProblem<T>(step: () => T): T | null {
  try {
    return step();
  } catch (error) {
    if (error instanceof ModuleError) return null;
    throw error;
  }
}

function readCertificates(
  cryptoki: Cryptoki,
  session: Handle,
  spend: Spend,
  attempt: Attempt,
): CertificateMessage[] {
  const find = (wanted: ObjectClass) =>
    attempt(() => cryptoki.findObjects(session, wanted, mostObjects)) ?? [];
  const id = (object: Handle) => objectId(cryptoki, session, object);

  const objects = find(objectClass.certificate);
  if (objects.length === 0) return [];
  const keys = [...find(objectClass.privateKey), ...find(objectClass.publicKey)];
  const keyIds = new Set(keys.map((key) => attempt(() => id(key))));
  const certificates: CertificateMessage[] = [];
  for (const object of objects) {
    const certificate = attempt(() => readCertificate(cryptoki, session, object));
    if (certificate === null) continue;
    spend(certificate.value.length);
    certificates.push({ ...certificate, hasKey: certificate.id !== '' && keyIds.has(certificate.id) });
  }
  return certificates;
}

/** Null for a certificate of another type than CKC_X_509. @throws ModuleError */
function readCertificate(
  cryptoki: Cryptoki,
  session: Handle,
  object: Handle,
): Omit<CertificateMessage, 'hasKey'> | null {
  const attribute = (type: (typeof attributeType)[keyof typeof attributeType], longest: number) =>
    cryptoki.attribute(session, object, type, longest);
  if (!isX509(attribute(attributeType.certificateType, longestText))) return null;
  const label = new TextDecoder().decode(attribute(attributeType.label, longestText) ?? undefined);
  const value = attribute(attributeType.value, longestCertificate);
  if (value === null || value.length === 0)
    throw new ModuleError(`gives no value for the certificate '${label}'`);
  return { label, id: objectId(cryptoki, session, object), value: Buffer.from(value).toString('base64') };
}

/** CKA_ID in hex, empty without one. @throws ModuleError */
function objectId(cryptoki: Cryptoki, session: Handle, object: Handle): string {
  return hex(cryptoki.attribute(session, object, attributeType.id, longestText) ?? new Uint8Array());
}

/** CKC_X_509 is 0, as a CK_ULONG (pkcs11t.h). */
function isX509(type: Uint8Array | null): boolean {
  return type !== null && type.length > 0 && type.every((byte) => byte === 0);
}
