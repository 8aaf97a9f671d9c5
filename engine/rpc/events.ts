import type { CertPropError } from '../errors.js';
import type { CardObserver } from '../propagation/visit-cards.js';
import type { StreamEvent, Trace } from './contract.js';
import { describeError } from './describe.js';
import type { RequestContext } from './handler.js';

/** How many events may be on their way before whoever makes much waits for the client. */
const mostWaiting = 64;

/** A request's events on their way to the client: sent without waiting, so that no card stays locked for a slow client. */
export class EventQueue {
  readonly #context: RequestContext;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(context: RequestContext) {
    this.#context = context;
  }

  send(event: StreamEvent): void {
    const sent = Promise.all([this.#last, this.#context.stream(event)]);
    this.#waiting++;
    this.#last = sent.then(() => {
      this.#waiting--;
    });
    // A broken pipe ends the engine elsewhere; here it only must not go unhandled.
    this.#last.catch(() => undefined);
  }

  problem(error: CertPropError, severity: 'error' | 'warning'): void {
    this.send({ kind: severity, error: describeError(error) });
  }

  /** Warns of what is passed over while much is read. */
  readonly warnAndWait = (error: CertPropError): Promise<void> => {
    this.problem(error, 'warning');
    return this.room();
  };

  /** Resolves when only few events are on their way: to be awaited after each of many, so that no more is read than the client takes. */
  async room(): Promise<void> {
    if (this.#waiting >= mostWaiting) await this.#last;
  }

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
