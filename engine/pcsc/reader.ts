/** The one interface to smart card readers. Implementations: `pcsc.ts` (the system's PC/SC) and `embedded.ts` (virtual). */

/** `Mute`: a card is present but does not answer to a reset. `InUse`: another program holds it exclusively. */
export type ReaderStatus = 'Empty' | 'Present' | 'Mute' | 'InUse' | 'Unavailable';

export interface ReaderInfo {
  /** The reader's name as PC/SC gives it (outside text: pass it through `visible` before showing it). */
  readonly readerName: string;
  readonly status: ReaderStatus;
  /** The inserted card's answer to reset, null without one. */
  readonly atr: Uint8Array | null;
}

/** A card inside a transaction: no other program can speak to it until the work is done. */
export interface SmartCardConnection {
  readonly readerName: string;
  readonly atr: Uint8Array;

  /**
   * Sends one command APDU and returns the response APDU as it comes (2 to 65,538 bytes, the status word last).
   * @throws CertPropError CardRemoved, CardReset, CardMute, ReaderUnavailable, PcscUnavailable, PcscFailure
   * @throws the signal's reason when the work was cancelled, before anything is sent
   */
  transmit(command: Uint8Array): Promise<Uint8Array>;

  /** The card is to be reset when the work ends (after a PIN was presented); without this it is left as it is. */
  resetAtEnd(): void;

  /** Runs a write to the end: cancelling doesn't interrupt it, a reset doesn't repeat it, the engine's end waits for it. */
  uninterrupted<T>(write: () => Promise<T>): Promise<T>;
}

/** A card came into a reader or left it, a mute one too. */
export interface ReaderChange {
  readonly kind: 'Inserted' | 'Removed';
  readonly readerName: string;
}

export interface SmartCardReaders {
  /**
   * All readers, in the system's order; empty when there are none.
   * @throws CertPropError PcscUnavailable
   */
  list(): Promise<readonly ReaderInfo[]>;

  /**
   * Connects to the card in a reader, runs the work in one transaction, and disconnects.
   * The work is run a second time if another program had reset the card before a write began.
   * @throws CertPropError ReaderNotFound, NoCard, CardMute, CardRemoved, CardReset, ReaderBusy (10 s), ReaderUnavailable, PcscUnavailable, PcscFailure
   */
  use<T>(
    readerName: string,
    work: (card: SmartCardConnection) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T>;

  /**
   * The cards that come and go, from now on; those that are inserted already come first, as Inserted. Waits for events, also while the
   * consumer is at work; ends with the signal (returns normally), and outlives readers and the system's service. A reader's
   * cards that came and went while the consumer was at work are told as one Removed and one Inserted, or as the last change.
   * @param onService hears when the service is lost, and when it is back
   * @throws CertPropError PcscUnavailable if PC/SC can't be used at all (no library, a disabled service, access denied)
   */
  changes(
    signal: AbortSignal,
    onService?: (service: 'Lost' | 'Back') => void,
  ): AsyncGenerator<ReaderChange, void, void>;

  /** Resolves when no write (see `uninterrupted`) is under way. */
  settled(): Promise<void>;

  /** Releases what is held. Nothing can be called afterwards. */
  close(): Promise<void>;
}
