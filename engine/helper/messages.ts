/** How what the helper process says ends: after the task's own messages, one JSON message a line, comes Done or Failed. */
import * as v from 'valibot';

/** Of a sentence about what foreign code did. */
export const longestProblem = 2000;

export const problemText = v.pipe(v.string(), v.maxLength(longestProblem));
export const failedMessage = v.strictObject({ kind: v.literal('Failed'), problem: problemText });
export const doneMessage = v.strictObject({ kind: v.literal('Done') });

export type EndMessage = v.InferOutput<typeof failedMessage> | v.InferOutput<typeof doneMessage>;

export function failed(problem: string): EndMessage {
  return { kind: 'Failed', problem: problem.slice(0, longestProblem) };
}

export function isEnd(message: { readonly kind: string }): message is EndMessage {
  return message.kind === 'Done' || message.kind === 'Failed';
}

/** Undefined for what is no JSON: foreign code that runs in the helper process can write to its pipe. */
export function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
