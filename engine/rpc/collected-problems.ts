import type { CertPropError } from '../errors.js';
import { EventQueue } from './events.js';

/** Keeps what goes wrong for those who judge it; of readers that were named wrongly the client is told at once, too. */
export class CollectedProblems extends EventQueue {
  readonly problems: CertPropError[] = [];

  override problem(error: CertPropError, severity: 'error' | 'warning'): void {
    if (error.id === 'ReaderNotFound') super.problem(error, severity);
    this.problems.push(error);
  }
}
