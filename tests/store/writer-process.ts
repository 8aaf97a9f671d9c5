/**
 * A process that writes to a store, for tests that run several at once, end them at any moment, or run them as somebody else.
 * `writer-process.js <storePath> add <name> <count>`: adds `count` properties of its own to one certificate, one by one.
 * `writer-process.js <storePath> churn`: adds, replaces and removes without end; a line on standard output for each step.
 * `writer-process.js <storePath> hold`: takes the lock, says so, and keeps it.
 * `writer-process.js <storePath> try`: adds and reads once; prints `Added`, or the error's id and message as JSON.
 */
import { join } from 'node:path';
import { CertPropError } from '../../engine/errors.js';
import { withLock } from '../../engine/store/lock.js';
import { profileStore } from '../../engine/store/profile.js';
import { ada, grace } from './certificates.js';

const [storePath = '', command, first = '0', count = '0'] = process.argv.slice(2);
const store = profileStore(storePath, 'My');

async function add(): Promise<void> {
  for (let id = Number(first); id < Number(first) + Number(count); id++) {
    const properties = new Map([[id, Buffer.from(`value ${id}`)]]);
    await store.add(ada.der, properties, 'ReplaceExistingInheritProperties');
  }
}

async function churn(): Promise<never> {
  for (let round = 0; ; round++) {
    // Values of many sizes, so that a write is not always one block.
    const value = Buffer.alloc((round * 7919) % 60_000, round & 0xff);
    await store.add(ada.der, new Map([[0x8001, value]]), 'ReplaceExisting');
    await store.add(grace.der, new Map([[0x8002, value]]), 'Always');
    await store.remove(grace.thumbprint, () => true);
    process.stdout.write(`${round}\n`);
  }
}

async function hold(): Promise<void> {
  await withLock(join(storePath, 'SystemCertificates', 'My'), async () => {
    process.stdout.write('held\n');
    await new Promise(() => setInterval(() => undefined, 60_000));
  });
}

async function attempt(): Promise<void> {
  try {
    const outcome = await store.add(ada.der, new Map([[0x8001, Buffer.alloc(100_000)]]), 'ReplaceExisting');
    process.stdout.write(JSON.stringify(outcome));
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    process.stdout.write(JSON.stringify({ id: error.id, message: error.message }));
  }
}

const commands: Readonly<Record<string, () => Promise<void>>> = { add, churn, hold, try: attempt };
await commands[command ?? '']?.();
