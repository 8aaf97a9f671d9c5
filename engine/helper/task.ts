/** What the helper process can be asked to do. */

/** A message of the task's own, as JSON can carry it. Returns when it has left the process: the next step may be the process's end. */
export type Say = (message: { readonly kind: string }) => void;

/**
 * Calls foreign code, which may block its thread for as long as it likes.
 * @param values the task's own, as they were given to `runHelper`
 * @throws TaskError
 */
export type Task = (values: readonly string[], say: Say) => Promise<void>;

/** What foreign code did wrong, as the part of a sentence that follows its name. */
export class TaskError extends Error {
  override readonly name: string = 'TaskError';
}
