/** The helper process, in which foreign PKCS #11 modules run: `helper <module>`, started by engine/pkcs11/helper-process.ts. */
import { isMainThread, workerData } from 'node:worker_threads';
import { serveEngine } from './pkcs11/helper-main.js';
import { readInThread, type ThreadData } from './pkcs11/helper-thread.js';

const [, script = '', modulePath = ''] = process.argv;

if (isMainThread) void serveEngine(script, modulePath);
else void readInThread(workerData as ThreadData);
