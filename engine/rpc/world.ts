import type { SmartCardReaders } from '../pcsc/reader.js';
import type { CertificateStore } from '../store/store.js';

/** The outside world, as the engine's entry file wires it. */
export interface World {
  readonly readers: SmartCardReaders;
  /**
   * @param storePath the folder that holds SystemCertificates, null for the user's own
   * @throws CertPropError StorePathRequired, StoreNameInvalid
   */
  readonly openStore: (storePath: string | null, storeName: string) => CertificateStore;
  readonly version: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: () => number;
}
