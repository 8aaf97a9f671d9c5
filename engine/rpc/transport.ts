/** vscode-jsonrpc's message reader and writer over the byte guard and the client's pipe. */
import type { Readable, Writable } from 'node:stream';
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  Message,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc';
import { CertPropError } from '../errors.js';
import { errorCodes } from './contract.js';
import { describeError } from './describe.js';
import { parseBody, readBodies } from './framing.js';
import { asciiJson, idOf, isMessage } from './message.js';

/** The bytes of an outgoing message's body. */
export const messageLimit = 1024 * 1024;
/** The bytes that wait for a client that does not read. */
const backlogLimit = 32 * 1024 * 1024;

/**
 * Delivers requests and notifications one per turn of the event loop, as fast as vscode-jsonrpc takes them from its own
 * queue, so that no flood can fill that. Fires an error (FramingError or the stream's) or the close event, once.
 */
export class GuardedMessageReader extends AbstractMessageReader implements MessageReader {
  readonly #input: Readable;
  readonly #refuse: (id: number | string | null) => void;

  /** @param refuse answers to a value that is JSON but no message */
  constructor(input: Readable, refuse: (id: number | string | null) => void) {
    super();
    this.#input = input;
    this.#refuse = refuse;
  }

  override listen(callback: DataCallback): Disposable {
    void this.#deliver(callback);
    return { dispose: () => this.#input.destroy() };
  }

  async #deliver(callback: DataCallback): Promise<void> {
    try {
      for await (const body of readBodies(this.#input)) {
        const value = parseBody(body);
        if (isMessage(value)) callback(value);
        else this.#refuse(idOf(value));
        await new Promise((resolve) => setImmediate(resolve));
      }
      this.fireClose();
    } catch (error) {
      this.fireError(error);
    }
  }
}

/** Writes ASCII messages of at most 1 MiB. Fires an error when the pipe is broken or the client does not read. */
export class AsciiMessageWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #output: Writable;
  #gathered = '';
  /** When the pipe has taken what is gathered; null while there is nothing. */
  #written: Promise<void> | null = null;

  constructor(output: Writable) {
    super();
    this.#output = output;
    output.on('error', (error) => {
      this.fireError(error);
    });
  }

  /**
   * Resolves when the pipe has taken the message. A larger answer is replaced by the error MessageTooLarge.
   * @throws CertPropError MessageTooLarge for a larger notification
   */
  async write(message: Message): Promise<void> {
    const body = asciiJson(message);
    if (body.length <= messageLimit) return this.#send(body);
    const error = messageTooLarge(body.length);
    if (!Message.isResponse(message)) throw error;
    return this.#send(
      asciiJson({
        jsonrpc: '2.0',
        id: message.id,
        error: { code: errorCodes.certProp, message: error.message, data: describeError(error) },
      }),
    );
  }

  /** After what is gathered. */
  end(): void {
    process.nextTick(() => this.#output.end());
  }

  /** What is sent before the next turn goes in one piece: each piece wakes the client, which costs more than making it. */
  #send(body: string): Promise<void> {
    this.#gathered += `Content-Length: ${body.length}\r\n\r\n${body}`;
    if (this.#gathered.length + this.#output.writableLength > backlogLimit)
      this.fireError(new Error('The client does not read.'));
    this.#written ??= new Promise((resolve, reject) => {
      process.nextTick(() => {
        const piece = this.#gathered;
        this.#gathered = '';
        this.#written = null;
        this.#output.write(piece, 'latin1', (error) => {
          if (error) reject(error);
          else resolve();
        });
      });
    });
    return this.#written;
  }
}

function messageTooLarge(size: number): CertPropError {
  return new CertPropError(
    'MessageTooLarge',
    `The answer has ${size} bytes, and at most ${messageLimit} can be sent. Ask for fewer readers or certificates at once.`,
  );
}
