import type { FileHandle } from 'node:fs/promises';

/** A whole file of `size` bytes. The size that a file claims is not trusted: null for one that grew meanwhile. */
export async function readBounded(file: FileHandle, size: number): Promise<Uint8Array | null> {
  const buffer = new Uint8Array(size + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
  }
  return null;
}
