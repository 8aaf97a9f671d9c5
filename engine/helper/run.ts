/** Has the helper process do a task, within a time limit. */
import { dirname, join } from 'node:path';
import { type EndMessage, isEnd } from './messages.js';
import { type HelperProcess, startHelper } from './process.js';

export interface HelperOptions {
  /** The helper's entry file; by itself the bundle's, beside the script that this process runs. */
  readonly helper: string;
  /** After so long the process is ended. */
  readonly milliseconds: number;
}

/** What the helper process does, and how its answer is understood. */
export interface HelperTask<Message> {
  /** The task's name and values (engine/helper.ts). */
  readonly task: readonly string[];
  /** More than that altogether is a problem. */
  readonly mostBytes: number;
  /** One line; null for what is not understood. */
  readonly parse: (line: string) => Message | EndMessage | null;
}

export interface HelperAnswer<Message> {
  /** What it said before it was done, or before the problem. */
  readonly messages: readonly Message[];
  /** What ended it: part of a sentence that follows the foreign code's name; null when it was done. */
  readonly problem: string | null;
  /** It was ended by the time limit. */
  readonly late: boolean;
}

/**
 * However foreign code behaves in the helper process, that process and its children have ended afterwards.
 * @throws the signal's reason
 */
export async function runHelper<Message extends { readonly kind: string }>(
  task: HelperTask<Message>,
  { helper = bundledHelper(), milliseconds }: Partial<HelperOptions> & Pick<HelperOptions, 'milliseconds'>,
  signal: AbortSignal,
): Promise<HelperAnswer<Message>> {
  signal.throwIfAborted();
  const running = startHelper(helper, task.task);
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort();
    running.kill();
  }, milliseconds);
  signal.addEventListener('abort', running.kill);
  try {
    const answer = await listen(running, task);
    signal.throwIfAborted();
    return { ...answer, late: answer.problem !== null && late.signal.aborted };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', running.kill);
    running.kill();
    await running.ended;
  }
}

function bundledHelper(): string {
  return join(dirname(process.argv[1] ?? ''), 'helper.cjs');
}

/** What the helper says until Done, and what was wrong if it doesn't get there. */
async function listen<Message extends { readonly kind: string }>(
  running: HelperProcess,
  { mostBytes, parse }: HelperTask<Message>,
): Promise<Omit<HelperAnswer<Message>, 'late'>> {
  const messages: Message[] = [];
  try {
    for await (const line of running.lines(mostBytes)) {
      const message = parse(line);
      if (message === null) return { messages, problem: 'says what CertProp does not understand' };
      if (isEnd(message)) return { messages, problem: message.kind === 'Done' ? null : message.problem };
      messages.push(message);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { messages, problem: `gives ${error.message}` };
  }
  running.kill();
  return { messages, problem: `did not get to its end: its process ${await running.ended}` };
}
