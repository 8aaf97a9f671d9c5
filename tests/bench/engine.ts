/** CertProp's engine as the benchmarks ask it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngineClient, type EngineClient, type EngineConnection } from '../../build/engine-client.js';
import { moduleFolder } from '../../build/root.js';

export const engineScript = join(moduleFolder, 'engine', 'certprop.cjs');

/** How cards are read: every reader, no more than the cards' directories promise, nothing told. */
export const plainReading = {
  readers: null,
  allSlots: false,
  pkcs11Module: null,
  trace: 'None',
} as const;

/**
 * The certificates (base64) on the cards in these readers, as they are found.
 * @throws Error if a card or a certificate can't be read
 */
export async function listCertificates(
  client: EngineConnection,
  readers: string[] | null = null,
): Promise<string[]> {
  const found: string[] = [];
  const problems: string[] = [];
  const options = { ...plainReading, readers, thumbprints: null, roots: false };
  await client.request('certificate/list', options, (event) => {
    if (event.kind === 'certificate') found.push(event.certificate.rawData);
    if (event.kind === 'error') problems.push(event.error.message);
  });
  if (problems.length > 0) throw new Error(problems.join(' '));
  return found;
}

/** A running engine, and a folder for the store that it plans for. */
export async function startWarmEngine(): Promise<{
  engine: EngineClient;
  storePath: string;
  end(): Promise<void>;
}> {
  const storePath = await mkdtemp(join(tmpdir(), 'certprop-store-'));
  const engine = startEngineClient(engineScript);
  return {
    engine,
    storePath,
    async end() {
      await engine.end();
      await rm(storePath, { recursive: true });
    },
  };
}
