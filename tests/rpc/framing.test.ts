import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bodyLimit, FramingError, headerLimit, parseBody, readBodies } from '../../engine/rpc/framing.js';
import { framed } from './engine-process.js';

/** Copies, since the reader zeroes what it has consumed. */
async function* arriving(chunks: readonly Uint8Array[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
}

async function values(...chunks: (string | Uint8Array)[]): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const body of readBodies(arriving(chunks.map((chunk) => Buffer.from(chunk)))))
    found.push(parseBody(body));
  return found;
}

/** What can be read and how it ends. */
async function outcome(chunks: readonly Uint8Array[]): Promise<{ bodies: string[]; error: string | null }> {
  const bodies: string[] = [];
  try {
    for await (const body of readBodies(arriving(chunks))) bodies.push(body.toString('base64'));
    return { bodies, error: null };
  } catch (error) {
    assert.ok(error instanceof FramingError, `FramingError, not ${String(error)}`);
    return { bodies, error: error.message };
  }
}

function cut(bytes: Uint8Array, points: readonly number[]): Uint8Array[] {
  const edges = [0, ...points.map((point) => point % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

const splitPoints = fc.array(fc.nat(), { maxLength: 40 });

const anyMessage = fc.json().map((text) => JSON.parse(text) as unknown);

test('messages are the same wherever their bytes are split', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyMessage, { maxLength: 5 }),
      splitPoints,
      fc.boolean(),
      async (messages, points, mark) => {
        const bytes = Buffer.from((mark ? '\ufeff' : '') + messages.map(framed).join(''));
        assert.deepEqual(await values(...cut(bytes, points)), messages);
      },
    ),
  );
});

test('random bytes are refused in the same way wherever they are split', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), splitPoints, async (bytes, points) => {
      assert.deepEqual(await outcome(cut(bytes, points)), await outcome([bytes]));
    }),
  );
});

test('a valid stream with one byte changed is read or refused, and nothing else', async () => {
  const stream = Buffer.from(framed({ id: 1 }) + framed({ id: 2 }));
  await fc.assert(
    fc.asyncProperty(fc.nat(stream.length - 1), fc.nat(255), splitPoints, async (position, value, points) => {
      const changed = Buffer.from(stream);
      changed[position] = value;
      assert.deepEqual(await outcome(cut(changed, points)), await outcome([changed]));
    }),
  );
});

test('other headers are passed over, whatever the case of names and the blanks around values', async () => {
  const header =
    'content-LENGTH: \t 2 \r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\nX:\r\n\r\n';
  assert.deepEqual(await values(`${header}{}`), [{}]);
});

test('a body may have as many bytes as the limit', async () => {
  const text = `"${'x'.repeat(bodyLimit - 2)}"`;
  const [value] = await values(`Content-Length: ${bodyLimit}\r\n\r\n`, text);
  assert.equal(typeof value === 'string' && value.length, bodyLimit - 2);
});

test('a header block may have as many bytes as the limit', async () => {
  const ends = ['X: ', '\r\nContent-Length: 2\r\n\r\n'];
  const block = ends.join('x'.repeat(headerLimit - ends.join('').length));
  assert.equal(block.length, headerLimit);
  assert.deepEqual(await values(`${block}{}`), [{}]);
  await assert.rejects(values(`X${block}{}`), /A header is above the limit of 4096 bytes/);
});

const refused: Record<string, [stream: string | Uint8Array, message: RegExp]> = {
  'no Content-Length': ['X: 1\r\n\r\n{}', /Content-Length is missing/],
  'an empty header block': ['\r\n{}', /Content-Length is missing/],
  'two Content-Lengths': ['Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}', /given twice/],
  'a negative Content-Length': ['Content-Length: -2\r\n\r\n{}', /not a decimal number/],
  'a hexadecimal Content-Length': ['Content-Length: 0x2\r\n\r\n{}', /not a decimal number/],
  'a fraction as Content-Length': ['Content-Length: 2.0\r\n\r\n{}', /not a decimal number/],
  'an exponent in Content-Length': ['Content-Length: 2e0\r\n\r\n{}', /not a decimal number/],
  'two numbers in Content-Length': ['Content-Length: 2, 2\r\n\r\n{}', /not a decimal number/],
  'an empty Content-Length': ['Content-Length:\r\n\r\n{}', /not a decimal number/],
  'a body above the limit': [`Content-Length: ${bodyLimit + 1}\r\n\r\n`, /above the limit of 16777216/],
  'a Content-Length of 3000 digits': [`Content-Length: ${'9'.repeat(3000)}\r\n\r\n`, /above the limit/],
  'a header line without a colon': ['Content-Length 2\r\n\r\n{}', /no name and value/],
  'a folded header line': ['Content-Length: 2\r\n X: 1\r\n\r\n{}', /no name and value/],
  'a blank before the colon': ['Content-Length : 2\r\n\r\n{}', /no name and value/],
  'lines that end with LF': ['Content-Length: 2\n\n{}', /may not hold/],
  'a lone CR': ['Content-Length: 2\rX: 1\r\n\r\n{}', /may not hold/],
  'JSON without a header': ['{"jsonrpc":"2.0"}\r\n', /no name and value/],
  'a NUL in a header': ['Content-Length: 2\0\r\n\r\n{}', /may not hold/],
  'a letter outside ASCII in a header': ['Content-L\u00e4nge: 2\r\n\r\n{}', /may not hold/],
  'half a byte order mark': [Buffer.from([0xef, 0xbb, 0x43]), /broken byte order mark/],
  'two byte order marks': ['\ufeff\ufeffContent-Length: 2\r\n\r\n{}', /may not hold/],
  'a byte order mark in a body': ['Content-Length: 5\r\n\r\n\ufeff{}', /not JSON/],
  'a header that never ends': ['X'.repeat(headerLimit), /above the limit of 4096/],
  'the end within a header': ['Content-Length: 2\r\n', /ends within a header/],
  'the end within a body': ['Content-Length: 3\r\n\r\n{}', /ends within a message/],
  'a body that is not JSON': ['Content-Length: 3\r\n\r\n{,}', /not JSON/],
  'an empty body': ['Content-Length: 0\r\n\r\n', /not JSON/],
  'a body that is not UTF-8': [Buffer.from('Content-Length: 3\r\n\r\n"\xff"', 'latin1'), /not UTF-8/],
};

for (const [what, [stream, message]] of Object.entries(refused)) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(
      values(stream),
      (error) => error instanceof FramingError && message.test(error.message),
    );
  });
}

test('a byte that no header may hold is refused without waiting for the line to end', async () => {
  const never = new Promise<never>(() => undefined);
  async function* stalled(): AsyncGenerator<Buffer> {
    yield Buffer.from('GET / \x01');
    await never;
  }
  await assert.rejects(readBodies(stalled()).next(), FramingError);
});

test('memory follows the bytes received, not the length declared', async () => {
  async function* declared(): AsyncGenerator<Buffer> {
    yield await Promise.resolve(Buffer.from(`Content-Length: ${bodyLimit}\r\n\r\n{`));
    assert.ok(process.memoryUsage().arrayBuffers - before < 1024 * 1024, 'less than 1 MiB was reserved');
  }
  const before = process.memoryUsage().arrayBuffers;
  await assert.rejects(readBodies(declared()).next(), /ends within a message/);
});

test('the bytes received and the body are zeroed, since they may hold a PIN', async () => {
  const chunk = Buffer.from(framed({ pin: [49, 50, 51, 52] }));
  async function* received(): AsyncGenerator<Buffer> {
    yield await Promise.resolve(chunk);
  }
  const { value: body } = await readBodies(received()).next();
  assert.ok(body !== undefined);
  assert.deepEqual(parseBody(body), { pin: [49, 50, 51, 52] });
  assert.ok(body.length > 0 && body.every((byte) => byte === 0), 'body');
  assert.ok(
    chunk.every((byte) => byte === 0),
    'chunk',
  );
});

test('an error tells nothing of what the body held', async () => {
  await assert.rejects(values('Content-Length: 6\r\n\r\n[1234,'), (error) => !String(error).includes('1234'));
});
