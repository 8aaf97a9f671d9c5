/** crypt32's stores under Wine, one process per call. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreLocation } from '../../engine/store/place.js';
import { bundleForWine, runNode } from '../support/wine-node.js';
import type { Wine } from '../support/wine.js';
import type { CertificateFacts } from './certificate-properties-script.js';
import type { StoreOperation, StoreReport, StoreRequest } from './store-operations.js';

export interface WineStores {
  /** Carries out the operations in a new process. */
  run(location: StoreLocation, store: string, operations: readonly StoreOperation[]): Promise<StoreReport>;
  /** What Windows' own functions say of a certificate in the current user's My, in a new process. */
  facts(thumbprint: string): Promise<CertificateFacts>;
  /** Sets the value `Blob` of an entry in a store's registry key, in hex. */
  plant(location: StoreLocation, store: string, thumbprint: string, blob: string): Promise<void>;
}

export async function wineStores(wine: Wine): Promise<WineStores> {
  const operate = await bundleForWine(wine, 'tests/wine/store-script.ts');
  const inspect = await bundleForWine(wine, 'tests/wine/certificate-properties-script.ts');
  const [request, answer] = [join(wine.folder, 'request.json'), join(wine.folder, 'answer.json')];

  const ask = async (script: string, ...args: string[]): Promise<unknown> => {
    const { exitCode, errors } = await runNode(wine, script, args);
    if (exitCode !== 0) throw new Error(`The script under Wine ended with ${String(exitCode)}: ${errors}`);
    return JSON.parse(readFileSync(answer, 'utf8'));
  };
  return {
    async run(location, store, operations) {
      const asked: StoreRequest = { location, store, operations };
      writeFileSync(request, JSON.stringify(asked));
      return (await ask(operate, wine.path(request), wine.path(answer))) as StoreReport;
    },
    facts: async (thumbprint) => (await ask(inspect, thumbprint, wine.path(answer))) as CertificateFacts,
    async plant(location, store, thumbprint, blob) {
      const hive = location === 'CurrentUser' ? 'HKEY_CURRENT_USER' : 'HKEY_LOCAL_MACHINE';
      const key = `${hive}\\Software\\Microsoft\\SystemCertificates\\${store}\\Certificates\\${thumbprint}`;
      const bytes = blob.replace(/..(?=.)/gu, '$&,');
      const file = join(wine.folder, 'blob.reg');
      writeFileSync(file, `REGEDIT4\r\n\r\n[${key}]\r\n"Blob"=hex:${bytes}\r\n`);
      const { exitCode, output } = await wine.run('reg', ['import', wine.path(file)]);
      if (exitCode !== 0) throw new Error(output);
    },
  };
}
