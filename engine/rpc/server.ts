/** Answers the contract's requests over one pair of streams. */
import type { Readable, Writable } from 'node:stream';
import { type CancellationToken, createMessageConnection, ResponseError } from 'vscode-jsonrpc';
import { errorCodes, type Method, type Parameters, type Results, type StreamEvent } from './contract.js';
import { failure, shortened } from './failure.js';
import { FramingError } from './framing.js';
import type { Handlers, RequestContext } from './handler.js';
import type { Lifetime } from './lifetime.js';
import { installRuntime } from './runtime.js';
import { AsciiMessageWriter, GuardedMessageReader } from './transport.js';
import { checkedParameters, isMethod } from './validation.js';

/** The requests that run at once; the module sends one at a time. */
const requestLimit = 32;

/** The exit code after a stream that cannot be read on. */
export const framingExitCode = 2;

export interface ServerOptions {
  readonly handlers: Handlers;
  readonly input: Readable;
  readonly output: Writable;
  /** Hears of every request and of the end of either stream. */
  readonly lifetime: Lifetime;
}

/** Serves until the lifetime ends the process. Requests run concurrently; a failing one never ends the engine. */
export function serve({ handlers, input, output, lifetime }: ServerOptions): void {
  installRuntime();
  const writer = new AsciiMessageWriter(output);
  const reader = new GuardedMessageReader(input, (id) => {
    answerError(id, errorCodes.invalidRequest, 'This is not a JSON-RPC 2.0 request.');
  });
  const connection = createMessageConnection(reader, writer, undefined, {
    messageStrategy: { handleMessage: (message, next) => lifetime.during(Promise.resolve(next(message))) },
  });
  let running = 0;

  connection.onRequest(async (name: string, given: unknown, token: CancellationToken) => {
    if (!isMethod(name)) {
      throw new ResponseError(errorCodes.methodNotFound, `There is no method ${shortened(name)}.`);
    }
    if (running >= requestLimit) {
      throw new ResponseError(errorCodes.invalidRequest, `More than ${requestLimit} requests at once.`);
    }
    running++;
    try {
      return await answer(name, given, token);
    } finally {
      running--;
    }
  });
  connection.onClose(() => void lifetime.end(0));
  connection.onError(([error]) => {
    if (!(error instanceof FramingError)) return void lifetime.end(0);
    answerError(null, errorCodes.parseError, error.message);
    void lifetime.end(framingExitCode);
  });
  connection.listen();

  async function answer(method: Method, given: unknown, token: CancellationToken): Promise<unknown> {
    const parameters = checkedParameters(method, given);
    const cancellation = new AbortController();
    const cancel = (): void => {
      cancellation.abort();
    };
    const onCancel = token.onCancellationRequested(cancel);
    lifetime.signal.addEventListener('abort', cancel);
    if (lifetime.signal.aborted) cancel();
    const context: RequestContext = {
      signal: cancellation.signal,
      stream: 'progressToken' in parameters ? streamTo(parameters.progressToken) : noStream,
    };
    try {
      return await run(handlers, method, parameters, context);
    } catch (error) {
      throw failure(method, error, cancellation.signal);
    } finally {
      onCancel.dispose();
      lifetime.signal.removeEventListener('abort', cancel);
    }
  }

  function streamTo(token: number): RequestContext['stream'] {
    return (value: StreamEvent) => {
      const written = send({ method: '$/progress', params: { token, value } });
      // A handler that doesn't wait for it must not end the engine when the pipe breaks.
      written.catch(() => undefined);
      return written;
    };
  }

  function answerError(id: number | string | null, code: number, message: string): void {
    void lifetime.during(send({ id, error: { code, message } }).catch(() => undefined));
  }

  function send(message: object): Promise<void> {
    return writer.write({ jsonrpc: '2.0', ...message });
  }
}

function run<M extends Method>(
  handlers: Handlers,
  method: M,
  parameters: Parameters<M>,
  context: RequestContext,
): Promise<Results[M]> {
  return handlers[method](parameters, context);
}

function noStream(): Promise<never> {
  return Promise.reject(new Error('This method has no progress token.'));
}
