/**
 * The real server, framing and lifetime over handlers that misbehave on request: the first entry of certificate/list's
 * `readers` says how. Started as a process of its own by the tests.
 */
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { CertPropError } from '../../engine/errors.js';
import { loadKoffi } from '../../engine/native/koffi.js';
import { exitNow } from '../../engine/pcsc/native-exit.js';
import { parseArguments } from '../../engine/rpc/arguments.js';
import type { Parameters } from '../../engine/rpc/contract.js';
import type { Handlers, RequestContext } from '../../engine/rpc/handler.js';
import { startLifetime } from '../../engine/rpc/lifetime.js';
import { serve } from '../../engine/rpc/server.js';
import { claimStandardOutput } from '../../engine/rpc/stdio.js';

type Behavior = (parameters: Parameters<'certificate/list'>, context: RequestContext) => Promise<number>;

let write: Promise<void> = Promise.resolve();

const behaviors: Record<string, Behavior> = {
  nothing: () => Promise.resolve(0),
  'until cancelled': async (_, { signal }) => {
    await once(signal, 'abort');
    signal.throwIfAborted();
    return 0;
  },
  'never answer': () => new Promise(() => undefined),
  'native call': async () => {
    const libc = (await loadKoffi()).load(null);
    const sleep = libc.func('unsigned int sleep(unsigned int seconds)');
    await promisify<number, number>(sleep.async)(600);
    return 0;
  },
  'stream three': async (_, { stream }) => {
    for (const message of ['first', 'second', 'K\u00f6nig \u{1f4b3} \ud800'])
      await stream({ kind: 'verbose', message });
    return 3;
  },
  'stream until cancelled': async (_, { signal, stream }) => {
    while (!signal.aborted) await stream({ kind: 'debug', message: 'x'.repeat(10_000) });
    signal.throwIfAborted();
    return 0;
  },
  'stream a huge event': async (_, { stream }) => {
    await stream({ kind: 'debug', message: 'x'.repeat(2_000_000) });
    return 1;
  },
  'stream without waiting': (_, { stream }) => {
    for (let count = 0; count < 1000; count++) void stream({ kind: 'debug', message: 'x'.repeat(1000) });
    return new Promise(() => undefined);
  },
  'product error': () =>
    Promise.reject(
      new CertPropError('NoCard', 'There is no card in R.', { readerName: 'R', hresult: 0x8010000c }),
    ),
  'huge error': () => Promise.reject(new CertPropError('NoCard', 'x'.repeat(2_000_000))),
  defect: () => Promise.reject(new TypeError('a\u202eb\n    at secret (file.js:1:1)')),
  'throw at once': () => {
    throw new RangeError('thrown at once');
  },
  'fail with text': () => {
    AbortSignal.abort('just text').throwIfAborted();
    return Promise.resolve(0);
  },
  'print to standard output': () => {
    console.log('stray log');
    console.error('stray error');
    process.stdout.write('stray write\n');
    return Promise.resolve(0);
  },
  'crash later': () => {
    setImmediate(() => {
      throw new Error('crash outside a request');
    });
    return new Promise(() => undefined);
  },
  'begin a write': () => {
    write = new Promise<void>((resolve) => setTimeout(resolve, 800)).then(() => {
      process.stderr.write('write finished\n');
    });
    return Promise.resolve(0);
  },
  'begin an endless write': () => {
    write = new Promise(() => undefined);
    return Promise.resolve(0);
  },
};

const unavailable = (): Promise<never> => Promise.reject(new Error('not in this fixture'));

const handlers: Handlers = {
  'engine/info': () =>
    Promise.resolve({ version: '0', nodeVersion: process.version, processId: process.pid }),
  'reader/list': (_, { stream }) => stream({ kind: 'verbose', message: '' }).then(unavailable),
  'certificate/list': async (parameters, context) => {
    const behavior = behaviors[parameters.readers?.[0] ?? 'nothing'];
    if (behavior === undefined) return unavailable();
    return { count: await behavior(parameters, context) };
  },
  'card/list': unavailable,
  'propagation/plan': unavailable,
  'inventory/list': unavailable,
  'removal/plan': unavailable,
  'restoration/plan': unavailable,
  'watch/run': unavailable,
  'propagation/test': unavailable,
  'plan/apply': unavailable,
  'plan/discard': unavailable,
  'policy/read': unavailable,
  'counter/read': unavailable,
  'counter/write': unavailable,
  'card/add-certificate': unavailable,
  'card/remove-certificate': unavailable,
  'cache/read': unavailable,
};

/** Says how much memory the engine had at most, for tests of hostile input. */
function exit(exitCode: number): never {
  writeSync(2, `peak memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB\n`);
  exitNow(exitCode);
}

const lifetime = startLifetime({
  ...parseArguments(process.argv.slice(2)),
  settled: () => write,
  exitNow: exit,
});
serve({ handlers, input: process.stdin, output: claimStandardOutput(), lifetime });
