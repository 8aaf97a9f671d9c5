import type { Say } from '../helper/task.js';
import { problemWith } from './messages.js';
import { ProviderError } from './provider-error.js';

/** Runs a step with one container; what the provider does wrong in it is said as a problem, and the result is null. */
export type Attempt = <T>(container: string, step: () => T) => T | null;

export function attempting(say: Say): Attempt {
  return (container, step) => attempt(say, `the container "${container}"`, step);
}

/** The same with anything else. @param what follows "with" */
export function attempt<T>(say: Say, what: string, step: () => T): T | null {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    say(problemWith(`${error.message} with ${what}`));
    return null;
  }
}
