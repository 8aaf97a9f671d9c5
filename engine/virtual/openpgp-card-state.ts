/** What a virtual OpenPGP card keeps: between commands of a session, and for life. */

/** 1 signature, 2 decryption, 3 authentication. */
export type OpenpgpKeyNumber = 1 | 2 | 3;

export interface OpenpgpPin {
  readonly value: Uint8Array;
  triesLeft: number;
  readonly tryLimit: number;
}

/** What the card remembers without power. */
export interface OpenpgpState {
  readonly atr: Uint8Array;
  /** Whether the card takes commands of extended length, as its historical bytes say. */
  readonly extendedLength: boolean;
  /** Of the specification: 0x0201 knows one certificate, 0x0300 and later three, 0x0304 key information. */
  readonly version: number;
  readonly manufacturer: number;
  readonly serial: number;
  /** How SELECT DATA has its data: as specified, or with the length first as YubiKeys up to 5.4.3 want it. */
  readonly selectData: 'Standard' | 'LengthFirst';
  /** PW1 and PW3. */
  readonly pins: { readonly user: OpenpgpPin; readonly admin: OpenpgpPin };
  /** Public halves, the value of template 7F49; the private ones aren't kept. */
  readonly keys: Map<OpenpgpKeyNumber, Uint8Array>;
  /** By occurrence: authentication, decryption, signature. */
  readonly certificates: Map<number, Uint8Array>;
  /** The other data objects that were written, by tag. */
  readonly objects: Map<number, Uint8Array>;
}

/** What the card forgets on reset. */
export interface OpenpgpSession {
  isSelected: boolean;
  userVerified: boolean;
  adminVerified: boolean;
  /** Which of the objects with the same tag is current. */
  occurrence: number;
  /** The object that was read last: GET NEXT DATA goes on from it. */
  lastRead: number | null;
}

/** PIN 123456 and administrator PIN 12345678, as cards leave the factory; without keys and certificates. */
export function newOpenpgpCard(
  options: Partial<
    Pick<OpenpgpState, 'extendedLength' | 'version' | 'manufacturer' | 'serial' | 'selectData'>
  > = {},
): OpenpgpState {
  const { extendedLength = false } = options;
  return {
    ...{ version: 0x0304, manufacturer: 0xff00, serial: 0x12345678, selectData: 'Standard' },
    ...options,
    atr: answerToReset(extendedLength),
    extendedLength,
    pins: { user: newPin('123456'), admin: newPin('12345678') },
    keys: new Map(),
    certificates: new Map(),
    objects: new Map(),
  };
}

export function newOpenpgpSession(): OpenpgpSession {
  return { isSelected: false, userVerified: false, adminVerified: false, occurrence: 0, lastRead: null };
}

function newPin(digits: string): OpenpgpPin {
  return { value: Buffer.from(digits, 'latin1'), triesLeft: 3, tryLimit: 3 };
}

/** T=1, and card capabilities (ISO/IEC 7816-4:2013, 12.1.1.9) with command chaining, and extended length where supported. */
function answerToReset(extendedLength: boolean): Uint8Array {
  const checked = [0x85, 0x01, 0x80, 0x73, 0xc0, 0x01, extendedLength ? 0xc0 : 0x80];
  return Uint8Array.from([0x3b, ...checked, checked.reduce((sum, byte) => sum ^ byte, 0)]);
}
