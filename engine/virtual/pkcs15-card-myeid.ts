/** What is MyEID's own about a virtual PKCS #15 card (as OpenSC's driver and profile `myeid` use it; MyEID reference manual 2.1). */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { CardStatus, statusWord, type Command } from './command.js';
import {
  currentFile,
  directoryFile,
  keySize,
  type FileOperation,
  type IsoFile,
  type RequireAccess,
} from './iso-files.js';
import { publicKeyValue } from './keys.js';
import { logOut } from './pkcs15-card-pins.js';
import type {
  AccessCondition,
  Pkcs15CardModel,
  Pkcs15CardSession,
  Pkcs15CardState,
} from './pkcs15-card-state.js';
import { findTlv, parseTlvs, tlv } from './tlv.js';

const name = Buffer.from('A000000063504B43532D3135', 'hex');

/** The one that is there from the beginning. */
const applicationDirectory = '5015';

/** Version 4.0.1: later ones take keys in chains of commands. */
const version = [4, 0, 1] as const;
/** Version 1; RSA (1) and elliptic curves (8); longest keys: RSA 2048, no DES, no AES, EC 384. */
const capabilities = Uint8Array.of(1, 0, 0x09, 0x08, 0, 0, 0, 0, 0, 0x01, 0x80);

const lifeCycleTag = 0x8a;
const lifeCycle = { creation: 1, activated: 7 } as const;
const securityAttributes = 0x86;
const never = 0x0f;
const pinLength = 8;
const mostPins = 14;
const initializeApplet = 0xe0;
const firstKeyComponent = 0x80;

/** GET DATA 01xx. */
const dataObjects = { applet: 0xa0, capabilities: 0xaa, modulus: 0x01, point: 0x86 } as const;

const curves: ReadonlyMap<number, string> = new Map([
  [256, 'P-256'],
  [384, 'P-384'],
]);

/** DELETE FILE has the class of the first smart cards. */
const proprietaryClass = 0xa0;

export const myEid: Pkcs15CardModel = {
  // T=1, and "MyEID" in the historical bytes, by which OpenSC knows the card.
  atr: Buffer.from('3BF51800008131FE454D794549449A', 'hex'),
  name,
  start: applicationDirectory,
  fill: 0xff,
  initialize,
  information,
  condition,
  translate: (command) => (command[0] === proprietaryClass ? command.with(0, 0) : command),
  async answer(state, session, command, requireAccess) {
    switch (command.ins) {
      case 0xca:
        return getData(state, session, command);
      case 0x46:
        await generateKey(state, session, command, requireAccess);
        return done;
      case 0xda:
        putData(state, session, command, requireAccess);
        return done;
      case 0x2e:
        logOut(session, command);
        return done;
      case 0x44:
        state.activated = true;
        return done;
      default:
        return null;
    }
  },
};

const done = new Uint8Array();

/** File control information: the file's parameters with its life cycle status, by which clients know whether PINs matter yet. */
function information({ activated }: Pkcs15CardState, { control }: IsoFile): Uint8Array {
  const parameters = (parseTlvs(control) ?? []).filter(({ tag }) => tag !== lifeCycleTag);
  const status = activated ? lifeCycle.activated : lifeCycle.creation;
  return Buffer.concat([
    ...parameters.map(({ tag, value }) => tlv(tag, value)),
    tlv(lifeCycleTag, Uint8Array.of(status)),
  ]);
}

/**
 * Three bytes of two conditions each: for a transparent file read, update, delete; for a directory create (twice), delete; for a key
 * use, update, delete, generate. 0 always, F never, else a PIN's reference.
 */
function condition({ kind, control }: IsoFile, operation: FileOperation): AccessCondition {
  const [first = 0, second = 0] = findTlv(control, securityAttributes) ?? [];
  const conditions = [first >> 4, first & 0x0f, second >> 4, second & 0x0f];
  const positions: Readonly<Record<FileOperation, number>> = {
    Read: 0,
    Create: 0,
    Update: 1,
    Delete: 2,
    Generate: 3,
  };
  const access = kind === 'Key' && operation === 'Read' ? never : (conditions[positions[operation]] ?? never);
  if (access === 0) return 'Always';
  return access === never ? 'Never' : access;
}

/** A card as it leaves the factory: its application's directory is there, and everything is allowed. */
function initialize(state: Pkcs15CardState, conditions: Uint8Array = new Uint8Array(8)): void {
  state.activated = false;
  state.pins.clear();
  state.files.clear();
  const directory = (identifier: string, nameObject: Uint8Array, attributes: Uint8Array): IsoFile =>
    directoryFile(
      Buffer.concat([
        tlv(0x81, Uint8Array.of(0x7f, 0xff)),
        tlv(0x82, Uint8Array.of(0x38)),
        tlv(0x83, Buffer.from(identifier, 'hex')),
        nameObject,
        tlv(securityAttributes, attributes),
        tlv(0x85, Uint8Array.of(0, 2)),
      ]),
    );
  state.files.set('', directory('3F00', new Uint8Array(), conditions.subarray(2, 5)));
  state.files.set(
    applicationDirectory,
    directory(applicationDirectory, tlv(0x84, name), conditions.subarray(5, 8)),
  );
}

function getData(state: Pkcs15CardState, session: Pkcs15CardSession, { p1, p2 }: Command): Uint8Array {
  if (p1 !== 0x01) throw new CardStatus(statusWord.incorrectP1P2);
  switch (p2) {
    case dataObjects.applet:
      return Buffer.concat([
        Buffer.from('MyEID'),
        Uint8Array.from(version),
        state.serialNumber,
        Uint8Array.of(0, 1),
      ]);
    case dataObjects.capabilities:
      return capabilities;
    case dataObjects.modulus:
      return keyPart(currentFile(state, session), 0x81);
    case dataObjects.point:
      return tlv(0x86, keyPart(currentFile(state, session), 0x86));
    default:
      throw new CardStatus(statusWord.referencedDataNotFound);
  }
}

/** Initializes the applet, or a PIN, or takes a part of a private key, which isn't kept. */
function putData(
  state: Pkcs15CardState,
  session: Pkcs15CardSession,
  { p1, p2, data }: Command,
  requireAccess: RequireAccess,
): void {
  if (p1 !== 0x01) throw new CardStatus(statusWord.incorrectP1P2);
  if (p2 === initializeApplet) {
    const masterFile = state.files.get('');
    if (masterFile) requireAccess(masterFile, 'Delete');
    initialize(state, data);
    session.directory = '';
    session.file = null;
  } else if (p2 >= firstKeyComponent) {
    requireAccess(currentFile(state, session), 'Update');
  } else {
    initializePin(state, p2, data);
  }
}

/** PIN and unblocking code of eight bytes each, then the tries of both. */
function initializePin(state: Pkcs15CardState, reference: number, data: Uint8Array): void {
  const [triesLeft] = data.subarray(2 * pinLength);
  if (reference < 1 || reference > mostPins || triesLeft === undefined) {
    throw new CardStatus(statusWord.incorrectData);
  }
  if (state.pins.has(reference) && state.activated) throw new CardStatus(statusWord.conditionsNotSatisfied);
  state.pins.set(reference, {
    value: data.slice(0, pinLength),
    unblocking: data.slice(pinLength, 2 * pinLength),
    triesLeft,
    tryLimit: triesLeft,
  });
}

/** In the current key file: RSA when the command has a public exponent. */
async function generateKey(
  state: Pkcs15CardState,
  session: Pkcs15CardSession,
  { data }: Command,
  requireAccess: RequireAccess,
): Promise<void> {
  const file = currentFile(state, session);
  if (file.kind !== 'Key') throw new CardStatus(statusWord.incompatibleFile);
  requireAccess(file, 'Generate');
  const size = keySize(file);
  const generate = promisify(generateKeyPair);
  if (data.length > 0) {
    if (size < 512 || size > 2048) throw new CardStatus(statusWord.functionNotSupported);
    file.publicKey = publicKeyValue((await generate('rsa', { modulusLength: size })).publicKey);
    return;
  }
  const namedCurve = curves.get(size);
  if (namedCurve === undefined) throw new CardStatus(statusWord.functionNotSupported);
  file.publicKey = publicKeyValue((await generate('ec', { namedCurve })).publicKey);
}

function keyPart({ publicKey }: IsoFile, tag: number): Uint8Array {
  const part = publicKey && findTlv(publicKey, tag);
  if (part === null) throw new CardStatus(statusWord.referencedDataNotFound);
  return part;
}
