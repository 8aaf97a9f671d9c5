/** Stores out of which certificates are taken, and into which they are put back, exactly as they were. */
import { CertPropError } from '../errors.js';
import type { ExactFile, ExactFiles, FileRights, GuardedStore } from '../profiles/guarded-store.js';
import { decodeElement, encodeElement } from '../store/serialized.js';
import type { CertificateStore, StoreEntry } from '../store/store.js';

/** Methods throw as those of `ExactFiles` do. */
export interface ExactStore {
  /** Null when there is none. */
  readonly readExact: (thumbprint: string) => Promise<ExactFile | null>;
  readonly removeExact: ExactFiles['removeExact'];
  readonly createExact: ExactFiles['createExact'];
  /** Null where the store has no such folder, or none that can be read. */
  readonly keys: ExactFiles | null;
}

export function exactStoreOf(store: CertificateStore): ExactStore {
  return isGuarded(store) ? store : throughEntries(store);
}

function isGuarded(store: CertificateStore): store is GuardedStore {
  return 'readExact' in store;
}

/** A store that gives entries, not bytes: their elements are made of them. */
function throughEntries(store: CertificateStore): ExactStore {
  return {
    keys: null,

    async readExact(thumbprint) {
      const entry = await store.find(thumbprint);
      return entry === null ? null : { name: thumbprint, bytes: elementOf(entry), rights: null };
    },

    async removeExact(thumbprint, bytes) {
      let outcome: 'Gone' | 'Changed' = 'Gone';
      const isRemoved = await store.remove(thumbprint, (entry) => {
        outcome = 'Changed';
        return Buffer.compare(elementOf(entry), bytes) === 0;
      });
      return isRemoved ? 'Removed' : outcome;
    },

    async createExact(_, bytes) {
      const { certificate, properties } = decodeElement(bytes);
      try {
        await store.add(certificate, properties, 'New');
        return 'Created';
      } catch (error) {
        if (error instanceof CertPropError && error.id === 'CertificateExists') return 'Exists';
        throw error;
      }
    },
  };
}

function elementOf({ certificate, properties }: StoreEntry): Uint8Array {
  return encodeElement(certificate, properties);
}

/** Another system's rights mean nothing: the file becomes as a new one. */
export function rightsHere(rights: FileRights | null): FileRights | null {
  const kind = process.platform === 'win32' ? 'Windows' : 'Posix';
  return rights?.kind === kind ? rights : null;
}
