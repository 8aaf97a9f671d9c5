/** What a virtual PKCS #15 card keeps: between commands of a session, and for life. */
import type { Command } from './command.js';
import type { FileOperation, IsoFile, IsoPath, IsoSelection, RequireAccess } from './iso-files.js';

/** Which card's commands it knows, and so with which of OpenSC's profiles pkcs15-init writes it. */
export type Pkcs15CardKind = 'MyEID' | 'IsoApplet';

/** What the card remembers without power. */
export interface Pkcs15CardState {
  readonly kind: Pkcs15CardKind;
  readonly atr: Uint8Array;
  /** Whether the card takes commands of extended length. */
  readonly extendedLength: boolean;
  /** Ten bytes; IsoApplet has none. */
  readonly serialNumber: Uint8Array;
  /** False in a new card: everything is allowed. */
  activated: boolean;
  /** By reference, from 1. */
  readonly pins: Map<number, CardPin>;
  readonly files: Map<IsoPath, IsoFile>;
}

export interface CardPin {
  /** Padded as terminals send it. */
  value: Uint8Array;
  triesLeft: number;
  readonly tryLimit: number;
  /** What unblocks it; empty without. */
  readonly unblocking: Uint8Array;
}

/** What the card forgets on reset. */
export interface Pkcs15CardSession extends IsoSelection {
  /** References of the PINs that were verified. */
  readonly verified: Set<number>;
  /** The algorithm chosen with MANAGE SECURITY ENVIRONMENT. */
  algorithm: number | null;
}

export function newPkcs15Session(): Pkcs15CardSession {
  return { directory: null, file: null, verified: new Set(), algorithm: null };
}

/** Whose verified PIN allows an operation. */
export type AccessCondition = number | 'Always' | 'Never';

/** What is one kind of card's own. */
export interface Pkcs15CardModel {
  readonly atr: Uint8Array;
  /** The application's identifier. */
  readonly name: Buffer;
  /** The file that is current once the application is selected by its name. */
  readonly start: IsoPath;
  /** What a new file holds. */
  readonly fill: number;
  /** Brings a new card into its first state. */
  initialize(state: Pkcs15CardState): void;
  /** What SELECT says of a file, the value of tag 6F. */
  information(state: Pkcs15CardState, file: IsoFile): Uint8Array;
  condition(file: IsoFile, operation: FileOperation): AccessCondition;
  /** Makes an interindustry command of one that isn't. */
  translate(command: Uint8Array): Uint8Array;
  /** Null for a command that all kinds have. */
  answer(
    state: Pkcs15CardState,
    session: Pkcs15CardSession,
    command: Command,
    requireAccess: RequireAccess,
  ): Promise<Uint8Array | null>;
}
