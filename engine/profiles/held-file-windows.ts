/** A file that is held open on Windows: what is done is done to the handle, wherever its name leads by now. */
import type { FileHandle } from '../native/ntdll.js';
import { storeError } from '../store/file-error.js';
import type { FileRights } from './guarded-store.js';
import type { HeldFile } from './held-folder.js';
import type { Facts } from './nt-records.js';
import type { WindowsFiles } from './windows-files.js';

/** For most files; a buffer for each costs more than reading it. */
const scratch = new Uint8Array(64 * 1024);

export class WindowsFile implements HeldFile {
  readonly links: number;
  readonly size: number;
  readonly #files: WindowsFiles;
  readonly #handle: FileHandle;
  readonly #path: string;

  constructor(files: WindowsFiles, handle: FileHandle, path: string, { links, size }: Facts) {
    this.#files = files;
    this.#handle = handle;
    this.#path = path;
    this.links = links;
    this.size = size;
  }

  /** One more byte is asked for: the file may have grown. */
  read(): Uint8Array | null {
    const buffer = this.size < scratch.length ? scratch : new Uint8Array(this.size + 1);
    const length = onPath(this.#path, () =>
      this.#files.read(this.#handle, buffer.subarray(0, this.size + 1)),
    );
    return length === this.size ? buffer.subarray(0, length) : null;
  }

  rights(): FileRights {
    const descriptor = onPath(this.#path, () => this.#files.descriptor(this.#handle));
    return { kind: 'Windows', descriptor };
  }

  /** While it is held for this purpose nobody can give its name to another: always true. */
  remove(): boolean {
    onPath(this.#path, () => {
      this.#files.remove(this.#handle);
    });
    return true;
  }

  close(): void {
    this.#files.close(this.#handle);
  }
}

export function onPath<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw storeError(error, path);
  }
}
