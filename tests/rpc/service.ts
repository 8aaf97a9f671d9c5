/**
 * A stand-in for Windows' service CertPropSvc, as a process: it writes a card's certificates to a folder's stores as the service does to a
 * profile's, with key links of its own and no mark, and knows nothing of CertProp's locks.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseContainerMap } from '../../engine/card/minidriver/cmapfile.js';
import {
  baseCsp,
  keySpecNumber,
  setKeyProvHandleFlag,
  smartCardKsp,
  type KeyLink,
} from '../../engine/certificate/key-link.js';
import { getFile } from '../../engine/virtual/personalization.js';
import type { SampleCard } from '../../engine/virtual/sample-card.js';

export interface ServiceEntry {
  readonly store: 'My' | 'SmartCardRoot';
  /** DER in base64. */
  readonly certificate: string;
  /** Null for a root. */
  readonly link: KeyLink | null;
}

export interface Service {
  /** Propagates the card's certificates once, the last one first. */
  propagate(storePath: string): Promise<void>;
  end(): Promise<void>;
}

const script = fileURLToPath(new URL('service-process.js', import.meta.url));

/** @param contents the file in which the service finds what is on the card */
export async function startService(contents: string, card: SampleCard): Promise<Service> {
  await writeFile(contents, JSON.stringify(serviceEntries(card).toReversed()));
  const child = spawn(process.execPath, [script, contents], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async propagate(storePath) {
      child.stdin.write(`${storePath}\n`);
      assert.equal((await lines.next()).value, 'propagated');
    },
    async end() {
      child.stdin.end();
      await exited;
    },
  };
}

/** What the service writes for this card: Base CSP for RSA keys, the key storage provider for others, with the flag that it sets. */
export function serviceEntries({ state, certificates, root }: SampleCard): readonly ServiceEntry[] {
  const containers = parseContainerMap(
    getFile(state, { directory: 'mscp', name: 'cmapfile' }) ?? new Uint8Array(),
  );
  const personal = [...certificates].map(([fileName, certificate], index): ServiceEntry => {
    const { name } = containers[index] ?? assert.fail();
    return { store: 'My', certificate: base64(certificate), link: linkTo(name, fileName, certificate) };
  });
  return [...personal, { store: 'SmartCardRoot', certificate: base64(root), link: null }];
}

function linkTo(container: string, fileName: string, certificate: Uint8Array): KeyLink {
  const isRsa = new X509Certificate(certificate).publicKey.asymmetricKeyType === 'rsa';
  const keySpec = keySpecNumber[fileName.startsWith('ksc') ? 'Signature' : 'KeyExchange'];
  return isRsa
    ? { container, provider: baseCsp, providerType: 1, flags: setKeyProvHandleFlag, keySpec }
    : { container, provider: smartCardKsp, providerType: 0, flags: setKeyProvHandleFlag, keySpec: 0 };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
