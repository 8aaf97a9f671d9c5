/** A client of the engine, as the PowerShell module is one: for the demo without PowerShell, for tests and benchmarks. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import {
  CancellationToken,
  createMessageConnection,
  ParameterStructures,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type { Method, Parameters, Results, StreamEvent } from '../engine/rpc/contract.js';

export interface EngineConnection {
  /** Sends a request; its streamed events come before the answer. */
  request<M extends Method>(
    method: M,
    parameters: Omit<Parameters<M>, 'progressToken'>,
    onEvent?: (event: StreamEvent) => void,
    cancellation?: CancellationToken,
  ): Promise<Results[M]>;
}

/** All certificates of the cards, as a person who gives no options has them propagated. */
const plainly = {
  ...{ readers: null, allSlots: false, pkcs11Module: null, keyProvider: 'Auto' },
  ...{ ignorePolicy: false, allowUnlinked: false, includeIntermediate: false, includeRemote: false },
  ...{ scope: null, trace: 'None' },
} as const satisfies Partial<Parameters<'watch/run'>>;

/** Those of all inserted cards. */
export const plainPropagation = {
  ...plainly,
  ...{ targets: null, sourcePaths: null, keyContainer: null },
} as const satisfies Partial<Parameters<'propagation/plan'>>;

/** Those of all cards that come, until the request is cancelled. */
export const plainWatch = {
  ...plainly,
  ...{ removeOnCardRemoval: false, whatIf: false, milliseconds: null },
} as const satisfies Partial<Parameters<'watch/run'>>;

/** Selects no stored certificate in particular. */
export const noSelectors = {
  ...{ thumbprints: null, subjects: null, issuers: null, serialNumbers: null, cardIds: null, readers: null },
  ...{ notOnCard: false, expired: false, evidence: null, foreignUser: false, olderThan: null },
  pkcs11Module: null,
} as const satisfies Partial<Parameters<'inventory/list'>>;

export interface EngineClient extends EngineConnection {
  readonly processId: number;
  /** Ends the engine by the end of its input; resolves with its exit code. */
  end(): Promise<number | null>;
}

/**
 * Starts the engine script with Node.js.
 * @param user whom it runs as: by itself this process's
 */
export function startEngineClient(
  script: string,
  environment: NodeJS.ProcessEnv = process.env,
  user: { readonly uid?: number; readonly gid?: number } = {},
): EngineClient {
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=4', '--v8-pool-size=1', script, '--parent', String(process.pid)],
    {
      ...user,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...environment, UV_THREADPOOL_SIZE: '64' },
    },
  );
  return {
    ...connectToEngine(child.stdout, child.stdin),
    processId: child.pid ?? 0,
    async end() {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      return child.exitCode;
    },
  };
}

/** Speaks to an engine whose standard output and input these are. */
export function connectToEngine(output: Readable, input: Writable): EngineConnection {
  const connection = createMessageConnection(new StreamMessageReader(output), new StreamMessageWriter(input));
  const listeners = new Map<number, (event: StreamEvent) => void>();
  connection.onNotification('$/progress', ({ token, value }: { token: number; value: StreamEvent }) => {
    listeners.get(token)?.(value);
  });
  // An engine that ends without an answer: its requests fail.
  connection.onClose(() => {
    connection.dispose();
  });
  connection.listen();
  let lastToken = 0;
  return {
    async request(method, parameters, onEvent, cancellation) {
      const progressToken = ++lastToken;
      const streams = 'trace' in parameters;
      if (onEvent !== undefined) listeners.set(progressToken, onEvent);
      const sent = streams ? { ...parameters, progressToken } : parameters;
      try {
        return await connection.sendRequest(
          method,
          ParameterStructures.byName,
          sent,
          cancellation ?? CancellationToken.None,
        );
      } finally {
        listeners.delete(progressToken);
      }
    },
  };
}
