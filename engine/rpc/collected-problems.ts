import type { CertPropError } from '../errors.js';
import { EventQueue } from './events.js';

/** Keeps what goes wrong for those who judge it; only readers that were named wrongly are told at once. */
export class CollectedProblems extends EventQueue {
  readonly problems: CertPropError[] = [];

  override problem(error: CertPropError, severity: 'error' | 'warning'): void {
    if (error.id === 'ReaderNotFound') super.problem(error, severity);
    else this.problems.push(error);
  }
}
