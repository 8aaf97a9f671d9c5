/** Messages between tests/wine/shim.h and a server: u32le length, then integers (u32le) and blocks (u32le length, bytes). */
import type { Socket } from 'node:net';

export interface Fields {
  u32(): number;
  block(): Buffer;
  /** A block in UTF-16LE. */
  text(): string;
}

export function readFields(message: Buffer): Fields {
  let position = 0;
  const u32 = (): number => {
    const value = message.readUInt32LE(position);
    position += 4;
    return value;
  };
  const block = (): Buffer => {
    const length = u32();
    if (position + length > message.length) throw new Error('The message is too short');
    const bytes = message.subarray(position, position + length);
    position += length;
    return bytes;
  };
  return { u32, block, text: () => block().toString('utf16le') };
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function block(bytes: Uint8Array): Buffer {
  return Buffer.concat([u32(bytes.length), bytes]);
}

export function send(socket: Socket, message: Buffer): void {
  if (socket.writable) socket.write(block(message));
}

/** The messages until the connection ends, however it ends. */
export async function* messages(socket: Socket): AsyncGenerator<Buffer> {
  let buffered = Buffer.alloc(0);
  try {
    for await (const chunk of socket) {
      buffered = Buffer.concat([buffered, chunk as Buffer]);
      while (buffered.length >= 4 && buffered.length >= 4 + buffered.readUInt32LE()) {
        const end = 4 + buffered.readUInt32LE();
        yield Buffer.from(buffered.subarray(4, end));
        buffered = buffered.subarray(end);
      }
    }
  } catch {
    // A process that was killed breaks the connection; that is its end.
  }
}
