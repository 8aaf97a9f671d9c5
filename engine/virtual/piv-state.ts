/** What a virtual PIV card keeps: between commands of a session, and for life. */

export type ManagementAlgorithm = '3DES' | 'AES-128' | 'AES-192' | 'AES-256';

/** What the card remembers without power. */
export interface PivState {
  readonly atr: Uint8Array;
  /** Whether the card takes commands of extended length, as its ATR says. */
  readonly extendedLength: boolean;
  /** Null for a card that doesn't know Yubico's command GET SERIAL. */
  readonly serialNumber: number | null;
  /** How the card answers for an object that it doesn't have: with this status word, or with an empty template. */
  readonly absent: 0x6a82 | 0x6a88 | 'Empty';
  readonly pin: { readonly value: Uint8Array; triesLeft: number; readonly tryLimit: number };
  /** The key 9B: 16, 24 or 32 bytes. */
  readonly managementKey: Uint8Array;
  readonly managementAlgorithm: ManagementAlgorithm;
  /** Values of template 7F49 by slot, `9A`; null for a card that doesn't know Yubico's command GET METADATA. */
  readonly publicKeys: ReadonlyMap<string, Uint8Array> | null;
  /** By tag: what template 53 holds. */
  readonly objects: Map<number, Uint8Array>;
}

/** What the card forgets on reset. */
export interface PivSession {
  isSelected: boolean;
  pinVerified: boolean;
  isManaged: boolean;
  /** What the terminal has to decrypt, in a mutual authentication that has begun. */
  witness: Uint8Array | null;
}

/** As YubiKeys leave the factory: PIN 123456, three tries, and the management key that everyone knows. */
export function newPivCard(options: Partial<Omit<PivState, 'atr' | 'pin' | 'objects'>> = {}): PivState {
  const { extendedLength = false, serialNumber = 12_345_678, absent = 0x6a82, publicKeys = null } = options;
  const { managementAlgorithm = '3DES', managementKey = Buffer.from('0102030405060708'.repeat(3), 'hex') } =
    options;
  return {
    atr: answerToReset(extendedLength),
    extendedLength,
    serialNumber,
    absent,
    pin: { value: Buffer.from('123456\xff\xff', 'latin1'), triesLeft: 3, tryLimit: 3 },
    ...{ managementKey, managementAlgorithm, publicKeys },
    objects: new Map(),
  };
}

export function newPivSession(): PivSession {
  return { isSelected: false, pinVerified: false, isManaged: false, witness: null };
}

/** T=1, and card capabilities (ISO/IEC 7816-4:2013, 12.1.1.9) with command chaining, and extended length where supported. */
function answerToReset(extendedLength: boolean): Uint8Array {
  const checked = [0x85, 0x01, 0x80, 0x73, 0xc0, 0x01, extendedLength ? 0xc0 : 0x80];
  return Uint8Array.from([0x3b, ...checked, checked.reduce((sum, byte) => sum ^ byte, 0)]);
}
