import { readCards } from '../../propagation/read-cards.js';
import { chooseCards } from '../choose.js';
import type { Parameters, Results } from '../contract.js';
import { describeCertificate } from '../describe.js';
import { EventQueue } from '../events.js';
import type { RequestContext } from '../handler.js';
import type { World } from '../world.js';

export async function listCertificates(
  { readers }: World,
  parameters: Parameters<'certificate/list'>,
  context: RequestContext,
): Promise<Results['certificate/list']> {
  const { thumbprints, roots, trace } = parameters;
  const out = new EventQueue(context);
  const wanted = thumbprints === null ? null : new Set(thumbprints);
  const requests = await chooseCards(readers, parameters.readers, wanted, out);
  let count = 0;
  await readCards(
    readers,
    requests,
    { files: roots ? 'Roots' : 'Certificates', keys: false },
    out.observer(trace),
    (certificate) => {
      count++;
      out.send({ kind: 'certificate', certificate: describeCertificate(certificate) });
    },
    context.signal,
  );
  await out.sent();
  return { count };
}
