import type { Say } from '../helper/task.js';
import { problemWith } from './messages.js';
import { ProviderError } from './provider-error.js';

/** Runs a step with one container; what the provider does wrong in it is said as a problem, and the result is null. */
export type Attempt = <T>(container: string, step: () => T) => T | null;

export function attempting(say: Say): Attempt {
  return (container, step) => {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      say(problemWith(`${error.message} with the container "${container}"`));
      return null;
    }
  };
}
