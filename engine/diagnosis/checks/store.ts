import type { CorruptEntry, StoreFacts } from '../facts.js';
import { counted, passed, unseen, type Check, type Judgment } from '../finding.js';

/** The store and all its entries can be read. */
export const store: Check = {
  name: 'Store',
  judge({ store: contents }) {
    if (contents.kind === 'NotHere') return [unseen(contents)];
    if (contents.kind === 'Unreadable') {
      const { id, message, details } = contents.error;
      const evidence = { error: id, file: details.file ?? null };
      return [{ status: 'Failed', finding: message, evidence, remedy: remedyFor(id) }];
    }
    const { name, certificates, corrupt } = contents.value;
    if (corrupt.length > 0) return corrupt.map(damaged(contents.value));
    return [
      passed(`${counted(certificates.length, 'certificate')} could be read from the store ${name}.`, {
        store: name,
      }),
    ];
  },
};

function remedyFor(id: string): string {
  return id === 'StorePathRequired'
    ? 'Test-CertPropagation -StorePath <the folder that holds SystemCertificates>.'
    : 'Test-CertPropagation -StorePath <a folder that you may read>, or run it as the user whose store it is.';
}

function damaged({ name: storeName }: StoreFacts): (entry: CorruptEntry) => Judgment {
  return ({ name, problem }) => ({
    status: 'Failed',
    finding: `The entry ${name} of the store ${storeName} is damaged, and Windows passes it over: ${problem}`,
    evidence: { store: storeName, thumbprint: name },
    remedy: 'Move the damaged entry away, then run Invoke-CertPropagation: it stores the certificate again.',
  });
}
