/** What Windows alone says of the machine: services, the authorities trusted for sign-in, what is kept of cards. It is only read. */
import { CertPropError } from '../errors.js';

/** A service of Windows. */
export interface ServiceFacts {
  /** winnt.h, SERVICE_*_START: 2 automatic, 3 manual, 4 disabled; null where there is no such service. */
  readonly start: number | null;
  /** winsvc.h, SERVICE_*: 1 stopped, 4 running, others in between; null where it can't be asked. */
  readonly state: number | null;
}

/** What the stopped resource manager keeps of cards on disk. */
export interface PersistedCache {
  readonly names: readonly string[];
  /** There are more. */
  readonly isPart: boolean;
}

export interface Machine {
  /** @throws CertPropError MachineNotReadable */
  service(name: 'CertPropSvc' | 'SCardSvr'): Promise<ServiceFacts>;
  /** Thumbprints; none where no domain has sent any. @throws CertPropError MachineNotReadable */
  ntAuth(): Promise<ReadonlySet<string>>;
  /** @throws CertPropError MachineNotReadable */
  persistedCache(): Promise<PersistedCache>;
}

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
