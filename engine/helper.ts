/** The helper process, in which foreign code runs: `helper <task> <value>…`, started by engine/helper/process.ts. */
import { isMainThread, workerData } from 'node:worker_threads';
import { serveEngine } from './helper/main-thread.js';
import { type ThreadData, workInThread } from './helper/work-thread.js';
import { pkcs11Task } from './pkcs11/task.js';
import { providerTask } from './provider/task.js';

const [, script = '', ...task] = process.argv;

if (isMainThread) void serveEngine(script, task);
else void workInThread(workerData as ThreadData, { pkcs11: pkcs11Task, provider: providerTask });
