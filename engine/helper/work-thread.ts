/** The helper process's second thread, which foreign code may block for as long as it likes. */
import { parentPort } from 'node:worker_threads';
import { failed } from './messages.js';
import { type Say, type Task, TaskError } from './task.js';

/** What the first thread gives the second one. */
export interface ThreadData {
  /** The task's name and values. */
  readonly task: readonly string[];
  /** How many messages have left the process; the first thread counts them. */
  readonly sent: Int32Array;
}

/** Posts what the task says to the first thread, then Done or Failed. */
export async function workInThread(
  { task: [name = '', ...values], sent }: ThreadData,
  tasks: Readonly<Record<string, Task>>,
): Promise<void> {
  const say = speaker(sent);
  try {
    const task = tasks[name];
    if (task === undefined) throw new TypeError(`The helper knows no task ${name}`);
    await task(values, say);
    say({ kind: 'Done' });
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    say(failed(error.message));
  }
}

/** Waits until a message has left the process: the task's next step may be the process's end. */
function speaker(sent: Int32Array): Say {
  let said = 0;
  return (message) => {
    parentPort?.postMessage(message);
    Atomics.wait(sent, 0, said);
    said += 1;
  };
}
