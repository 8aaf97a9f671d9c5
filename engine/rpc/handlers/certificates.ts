import type { CertificateOnCard } from '../../propagation/plan.js';
import type { Parameters, Results } from '../contract.js';
import { describeCertificate } from '../describe.js';
import { EventQueue } from '../events.js';
import { gather } from '../gather.js';
import type { RequestContext } from '../handler.js';
import type { World } from '../world.js';

export async function listCertificates(
  world: World,
  parameters: Parameters<'certificate/list'>,
  context: RequestContext,
): Promise<Results['certificate/list']> {
  const { readers, thumbprints, roots, allSlots, pkcs11Module, trace } = parameters;
  const out = new EventQueue(context);
  const isNews = newsOfCards();
  let count = 0;
  await gather(
    world,
    {
      ...{ readers, targets: null, pkcs11Module, trace },
      thumbprints: thumbprints === null ? null : new Set(thumbprints),
      links: false,
      contents: { files: roots ? 'Roots' : 'Certificates', keys: false, allSlots },
    },
    out,
    (certificate) => {
      if (!isNews(certificate)) return;
      count++;
      out.send({ kind: 'certificate', certificate: describeCertificate(certificate) });
    },
    context.signal,
  );
  await out.sent();
  return { count };
}

/** A certificate that a second application of the same card holds too is the same one. */
function newsOfCards(): (certificate: CertificateOnCard) => boolean {
  const families = new Map<string, string>();
  return ({ card, info }) => {
    const place = `${info.thumbprint} ${card.readerName}`;
    const family = families.get(place) ?? card.family;
    families.set(place, family);
    return family === card.family;
  };
}
