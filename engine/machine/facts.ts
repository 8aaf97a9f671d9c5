/** What Windows alone says of the machine: services, the authorities trusted for sign-in, what is kept of cards. */

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
