import { CertPropError } from '../errors.js';
import type { PlannedStep } from '../propagation/step.js';

/** The plans that wait for a person's consent. Only the newest few are kept: each holds the certificates it is about. */
export class Plans {
  readonly #plans = new Map<number, readonly PlannedStep[]>();
  #lastId = 0;

  keep(steps: readonly PlannedStep[]): { readonly planId: number; readonly count: number } {
    const id = ++this.#lastId;
    this.#plans.set(id, steps);
    const oldest = this.#plans.keys().next().value;
    if (this.#plans.size > maxPlans && oldest !== undefined) this.#plans.delete(oldest);
    return { planId: id, count: steps.length };
  }

  /** Takes a plan out. @throws CertPropError PlanNotFound */
  take(id: number): readonly PlannedStep[] {
    const steps = this.#plans.get(id);
    if (steps === undefined) {
      throw new CertPropError(
        'PlanNotFound',
        `There is no plan ${id}: it was carried out or dropped. Run the command again.`,
      );
    }
    this.#plans.delete(id);
    return steps;
  }

  discard(id: number): void {
    this.#plans.delete(id);
  }
}

const maxPlans = 16;
