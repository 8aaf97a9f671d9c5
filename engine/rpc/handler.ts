import type { Method, Parameters, Results, StreamEvent } from './contract.js';

/** What a handler may use besides its parameters. */
export interface RequestContext {
  /** Aborted by `$/cancelRequest` and when the engine ends. */
  readonly signal: AbortSignal;
  /** Streams one event under the request's progress token; resolves when the client's pipe takes more. */
  readonly stream: (event: StreamEvent) => Promise<void>;
}

export type Handler<M extends Method> = (
  parameters: Parameters<M>,
  context: RequestContext,
) => Promise<Results[M]>;

export type Handlers = { readonly [M in Method]: Handler<M> };
