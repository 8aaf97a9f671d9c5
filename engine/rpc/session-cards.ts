import type { CardsSeen } from '../propagation/inventory.js';
import { withMovedKeys } from '../propagation/links.js';
import type { CertificateOnCard } from '../propagation/plan.js';
import type { Trace } from './contract.js';
import type { EventQueue } from './events.js';
import { gather, type Wanted } from './gather.js';
import type { World } from './world.js';

export interface CardReading {
  readonly pkcs11Module: string | null;
  readonly trace: Trace;
  readonly files: Wanted['contents']['files'];
  /** Also which containers hold the certificates' keys; otherwise only which certificates there are. */
  readonly keys: boolean;
}

/** What is on the cards in these readers, null for all of this session's. */
export async function seeCards(
  world: World,
  readers: readonly string[] | null,
  { pkcs11Module, trace, files, keys }: CardReading,
  out: EventQueue,
  signal: AbortSignal,
): Promise<CardsSeen> {
  const found: CertificateOnCard[] = [];
  const complete = await gather(
    world,
    {
      ...{ readers, targets: null, thumbprints: null, pkcs11Module, trace },
      links: keys,
      contents: { files, keys, allSlots: true },
    },
    out,
    (certificate) => found.push(certificate),
    signal,
  );
  const certificates = new Map<string, CertificateOnCard[]>();
  for (const source of keys ? withMovedKeys(found) : found) {
    const { thumbprint } = source.info;
    certificates.set(thumbprint, [...(certificates.get(thumbprint) ?? []), source]);
  }
  return { certificates, complete };
}
