/** What a virtual GIDS card keeps: between commands of a session, and for life. */

/** What the card remembers without power. */
export interface CardState {
  readonly atr: Uint8Array;
  /** Whether the card takes commands of extended length, as its ATR says. */
  readonly extendedLength: boolean;
  /** False in a new card: everything is allowed until the application is activated. */
  activated: boolean;
  readonly pin: PinState;
  /** By EFID. */
  readonly files: Map<number, CardFile>;
}

export interface PinState {
  /** Empty in a new card. */
  value: Uint8Array;
  triesLeft: number;
  readonly tryLimit: number;
}

export interface CardFile {
  /** File control parameters as given to CREATE FILE, the value of tag 62. */
  readonly parameters: Uint8Array;
  activated: boolean;
  /** Values by tag; the order is the order of writing. */
  readonly objects: Map<number, Uint8Array>;
  key: CardKey | null;
}

/** A private key's public half (the value of template 7F49; the private half isn't kept), or a secret key. */
export type CardKey =
  | { readonly kind: 'public'; readonly template: Uint8Array }
  | { readonly kind: 'secret'; readonly value: Uint8Array };

/** What the card forgets on reset. */
export interface CardSession {
  selectedFile: number | null;
  pinVerified: boolean;
  adminAuthenticated: boolean;
  /** The secret key chosen with MANAGE SECURITY ENVIRONMENT. */
  secretKey: Uint8Array | null;
  /** The challenges of a mutual authentication that has begun. */
  challenges: { readonly terminal: Uint8Array; readonly card: Uint8Array } | null;
}

export function newSession(): CardSession {
  return {
    selectedFile: null,
    pinVerified: false,
    adminAuthenticated: false,
    secretKey: null,
    challenges: null,
  };
}

/** A card as it leaves the factory: no PIN, no file, open until activated. */
export function blankCard(options: { readonly extendedLength?: boolean } = {}): CardState {
  const extendedLength = options.extendedLength ?? false;
  return {
    atr: answerToReset(extendedLength),
    extendedLength,
    activated: false,
    pin: { value: new Uint8Array(), triesLeft: 3, tryLimit: 3 },
    files: new Map(),
  };
}

/**
 * T=1, and in the historical bytes the card capabilities (ISO/IEC 7816-4:2013, 8.1.1.2.7): selection by full and partial name,
 * command chaining, and extended length where supported.
 */
function answerToReset(extendedLength: boolean): Uint8Array {
  const capabilities = [0x73, 0xc0, 0x01, extendedLength ? 0xc0 : 0x80];
  const checked = [0x85, 0x01, 0x80, ...capabilities];
  return Uint8Array.from([0x3b, ...checked, checked.reduce((sum, byte) => sum ^ byte, 0)]);
}
