/** Asks Windows of the machine; nothing is changed. */
import { CertPropError } from '../errors.js';
import type { Machine } from './facts.js';

/** Null on other systems than Windows. */
export function thisMachine(): Machine | null {
  if (process.platform !== 'win32') return null;
  return {
    service: (name) =>
      asked(`the service ${name}`, async () => (await import('./services.js')).readService(name)),
    ntAuth: () => asked('NTAuth', async () => (await import('./registry-facts.js')).readNtAuth()),
    persistedCache: () =>
      asked('the cache of cards', async () => (await import('./registry-facts.js')).readPersistedCache()),
  };
}

async function asked<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CertPropError(
      'MachineNotReadable',
      `Windows does not say what ${what} is like (${reason}).`,
      {},
      { cause },
    );
  }
}
