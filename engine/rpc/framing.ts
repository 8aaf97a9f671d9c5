/**
 * The byte guard: cuts standard input into message bodies and refuses, before anything is buffered, what is not framed
 * as the Language Server Protocol says (LSP 3.17, "Base Protocol": header lines ended by CRLF, an empty line, the body).
 * Hostile input costs at most the header limit, or what was received of a body within its limit.
 */
import { Buffer, isUtf8 } from 'node:buffer';

/** The bytes of a header block, the empty line that ends it included. */
export const headerLimit = 4096;
/** The bytes of a body. */
export const bodyLimit = 16 * 1024 * 1024;

const firstBodyCapacity = 64 * 1024;
const byteOrderMark = [0xef, 0xbb, 0xbf];

/** The stream cannot be read on: where the next message begins is unknown, or a message is no JSON. */
export class FramingError extends Error {
  override readonly name = 'FramingError';
}

/**
 * The message bodies in a stream, in order; a leading UTF-8 byte order mark is dropped. Each consumed chunk is zeroed,
 * since it may hold a PIN; the caller zeroes the body (`parseBody` does).
 * @throws FramingError
 */
export async function* readBodies(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  const source = byteSource(chunks);
  await dropByteOrderMark(source);
  while ((await source.peek()) !== null) {
    const length = await readHeader(source);
    yield await readBody(source, length);
  }
}

/**
 * The JSON value in a body, whose bytes are zeroed.
 * @throws FramingError not UTF-8 or not JSON; the message tells nothing of the body
 */
export function parseBody(body: Buffer): unknown {
  try {
    if (!isUtf8(body)) throw new FramingError('The message is not UTF-8.');
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    if (error instanceof FramingError) throw error;
    throw new FramingError('The message is not JSON.');
  } finally {
    body.fill(0);
  }
}

interface ByteSource {
  /** The bytes received and not skipped yet, at least one; null at the end of the stream. */
  peek(): Promise<Buffer | null>;
  /** Zeroes and passes over some of the bytes last peeked at. */
  skip(count: number): void;
}

function byteSource(chunks: AsyncIterable<Buffer>): ByteSource {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  return {
    async peek() {
      while (rest.length === 0) {
        const next = await iterator.next();
        if (next.done === true) return null;
        rest = next.value;
      }
      return rest;
    },
    skip(count) {
      rest.fill(0, 0, count);
      rest = rest.subarray(count);
    },
  };
}

async function dropByteOrderMark(source: ByteSource): Promise<void> {
  for (const [index, expected] of byteOrderMark.entries()) {
    const bytes = await source.peek();
    if (bytes?.[0] !== expected) {
      if (index === 0) return;
      throw new FramingError('The stream begins with a broken byte order mark.');
    }
    source.skip(1);
  }
}

/** Reads one header block and gives its Content-Length; other headers are passed over. */
async function readHeader(source: ByteSource): Promise<number> {
  let budget = headerLimit;
  let length: number | null = null;
  for (;;) {
    const line = await readLine(source, budget);
    budget -= line.length + 2;
    if (line === '') break;
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new FramingError('A header line has no name and value.');
    if (name.toLowerCase() !== 'content-length') continue;
    if (length !== null) throw new FramingError('Content-Length is given twice.');
    length = contentLength(value);
  }
  if (length === null) throw new FramingError('Content-Length is missing.');
  return length;
}

function contentLength(value: string): number {
  if (!/^[0-9]+$/.test(value)) throw new FramingError('Content-Length is not a decimal number.');
  const length = Number(value);
  if (length > bodyLimit) {
    throw new FramingError(`Content-Length is above the limit of ${bodyLimit} bytes.`);
  }
  return length;
}

/** Reads up to CRLF, and refuses a byte that has no place in a header as soon as it comes. */
async function readLine(source: ByteSource, budget: number): Promise<string> {
  let line = '';
  for (;;) {
    const bytes = await source.peek();
    if (bytes === null) throw new FramingError('The stream ends within a header.');
    const end = bytes.subarray(0, budget - line.length).indexOf('\n');
    const taken = end === -1 ? Math.min(bytes.length, budget - line.length) : end + 1;
    line += bytes.toString('latin1', 0, taken);
    source.skip(taken);
    if (!/^[\t\x20-\x7e]*(?:\r\n?)?$/.test(line))
      throw new FramingError('A header holds a byte that it may not hold.');
    if (line.endsWith('\n')) return line.slice(0, -2);
    if (line.length >= budget) {
      throw new FramingError(`A header is above the limit of ${headerLimit} bytes.`);
    }
  }
}

async function readBody(source: ByteSource, length: number): Promise<Buffer> {
  let body: Buffer = Buffer.alloc(Math.min(length, firstBodyCapacity));
  let filled = 0;
  while (filled < length) {
    const bytes = await source.peek();
    if (bytes === null) throw new FramingError('The stream ends within a message.');
    const taken = Math.min(bytes.length, length - filled);
    if (filled + taken > body.length) body = enlarged(body, filled + taken, length);
    bytes.copy(body, filled, 0, taken);
    source.skip(taken);
    filled += taken;
  }
  return body.subarray(0, length);
}

/** Doubles, so that memory follows what was received and not what was declared. */
function enlarged(body: Buffer, needed: number, limit: number): Buffer {
  const larger = Buffer.alloc(Math.min(limit, Math.max(needed, 2 * body.length)));
  body.copy(larger);
  body.fill(0);
  return larger;
}
