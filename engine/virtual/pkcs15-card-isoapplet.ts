/** What is IsoApplet's own about a virtual PKCS #15 card (version 1.0, as OpenSC's driver and profile `isoApplet` use it). */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { CardStatus, statusWord, type Command } from './command.js';
import { directoryFile, type FileOperation, type IsoFile } from './iso-files.js';
import { publicKeyValue } from './keys.js';
import type {
  AccessCondition,
  Pkcs15CardModel,
  Pkcs15CardSession,
  Pkcs15CardState,
} from './pkcs15-card-state.js';
import { findTlv, tlv } from './tlv.js';

const name = Buffer.from('F276A288BCFBA69D34F31001', 'hex');

/** GET DATA 0101: version 1.0, then what the card can do. */
const feature = { extendedLength: 0x01, secureRandom: 0x02, ellipticCurves: 0x04 } as const;

const securityAttributes = 0x86;
const always = 0x00;
const never = 0xff;
const reference = { pin: 1, unblocking: 2 } as const;
const initialTries = 3;
const initial = 0x01;

const algorithm = { rsa2048: 0xf3, curve: 0xec } as const;
const publicKeyTemplate = 0x7f49;
const primeTag = 0x81;
/** By the length of the prime, in bytes. */
const curves: ReadonlyMap<number, string> = new Map([
  [32, 'P-256'],
  [48, 'P-384'],
]);

export const isoApplet: Pkcs15CardModel = {
  // T=1 and no historical bytes: OpenSC knows the applet by its name.
  atr: Buffer.from('3B80800101', 'hex'),
  name,
  start: '',
  fill: 0x00,
  initialize,
  information: (_, { control }) => control,
  condition,
  translate: (command) => command,
  async answer(state, session, command) {
    switch (command.ins) {
      case 0xca:
        return getData(state, command);
      case 0x22:
        setEnvironment(session, command);
        return done;
      case 0x24:
        if (command.p1 !== initial) return null;
        setPin(state, command);
        return done;
      case 0x46:
        requirePin(state, session);
        return generateKey(session, command);
      case 0xdb:
        // A private key, which isn't kept.
        requirePin(state, session);
        return done;
      default:
        return null;
    }
  },
};

const done = new Uint8Array();

/**
 * Eight bytes: FF, then conditions for deleting the file itself, four operations that pkcs15-init doesn't use for reading or writing, and
 * for a directory creating directories, creating files, deleting files; for a file writing, updating, reading.
 */
function condition({ control }: IsoFile, operation: FileOperation): AccessCondition {
  const conditions = findTlv(control, securityAttributes);
  const positions: Readonly<Record<FileOperation, number>> = {
    Delete: 1,
    Create: 6,
    Update: 6,
    Read: 7,
    Generate: 6,
  };
  const access = conditions?.[positions[operation]] ?? always;
  if (access === always) return 'Always';
  return access === never ? 'Never' : reference.pin;
}

function initialize(state: Pkcs15CardState): void {
  state.files.set(
    '',
    directoryFile(Buffer.concat([tlv(0x82, Uint8Array.of(0x38)), tlv(0x83, Uint8Array.of(0x3f, 0x00))])),
  );
}

function getData(state: Pkcs15CardState, { p1, p2 }: Command): Uint8Array {
  if (p1 !== 0x01 || p2 !== 0x01) throw new CardStatus(statusWord.incorrectP1P2);
  const features =
    feature.secureRandom | feature.ellipticCurves | (state.extendedLength ? feature.extendedLength : 0);
  return Uint8Array.of(1, 0, features);
}

/** In a new card, the unblocking code and then the PIN, which activates the card; both are padded with zeros to sixteen bytes later. */
function setPin(state: Pkcs15CardState, { p2, data }: Command): void {
  if (state.activated) throw new CardStatus(statusWord.incorrectP1P2);
  const value = new Uint8Array(16);
  value.set(data.subarray(0, 16));
  const unblocking = state.pins.get(reference.unblocking)?.value ?? new Uint8Array();
  state.pins.set(p2, { value, unblocking, triesLeft: initialTries, tryLimit: initialTries });
  if (p2 === reference.pin) state.activated = true;
}

/** MANAGE SECURITY ENVIRONMENT: which kind of key comes next. */
function setEnvironment(session: Pkcs15CardSession, { data }: Command): void {
  session.algorithm = findTlv(data, 0x80)?.[0] ?? null;
}

function requirePin(state: Pkcs15CardState, session: Pkcs15CardSession): void {
  const isAllowed = !state.activated || session.verified.has(reference.pin);
  if (!isAllowed) throw new CardStatus(statusWord.securityStatusNotSatisfied);
}

/** The public half of a new key; a curve is given by its parameters and told by its prime's length. */
async function generateKey(session: Pkcs15CardSession, { data }: Command): Promise<Uint8Array> {
  const generate = promisify(generateKeyPair);
  if (session.algorithm === algorithm.rsa2048) {
    return tlv(publicKeyTemplate, publicKeyValue((await generate('rsa', { modulusLength: 2048 })).publicKey));
  }
  const namedCurve = curves.get(findTlv(data, primeTag)?.length ?? 0);
  if (session.algorithm !== algorithm.curve || namedCurve === undefined) {
    throw new CardStatus(statusWord.functionNotSupported);
  }
  return tlv(publicKeyTemplate, data, publicKeyValue((await generate('ec', { namedCurve })).publicKey));
}
