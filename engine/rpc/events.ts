import type { CertPropError } from '../errors.js';
import type { CardObserver } from '../propagation/visit-cards.js';
import type { StreamEvent, Trace } from './contract.js';
import { describeError } from './describe.js';
import type { RequestContext } from './handler.js';

/** A request's events on their way to the client: sent without waiting, so that no card stays locked for a slow client. */
export class EventQueue {
  readonly #context: RequestContext;
  #last: Promise<void> = Promise.resolve();

  constructor(context: RequestContext) {
    this.#context = context;
  }

  send(event: StreamEvent): void {
    const sent = Promise.all([this.#last, this.#context.stream(event)]);
    this.#last = sent.then(() => undefined);
    // A broken pipe ends the engine elsewhere; here it only must not go unhandled.
    this.#last.catch(() => undefined);
  }

  problem(error: CertPropError, severity: 'error' | 'warning'): void {
    this.send({ kind: severity, error: describeError(error) });
  }

  /** Warns of what is passed over while much is read: no more is read than the client takes. */
  readonly warnAndWait = (error: CertPropError): Promise<void> => {
    this.problem(error, 'warning');
    return this.sent();
  };

  observer(trace: Trace): CardObserver {
    return {
      problem: (error, severity) => {
        this.problem(error, severity);
      },
      verbose: (message) => {
        if (trace !== 'None') this.send({ kind: 'verbose', message });
      },
      apdu:
        trace === 'Debug'
          ? (message) => {
              this.send({ kind: 'debug', message });
            }
          : null,
    };
  }

  /** Resolves when the client's pipe has taken all events. */
  async sent(): Promise<void> {
    await this.#last;
  }
}
