/** What the checks of trust have in common: the certificates that are for signing in, and the authorities at hand. */
import type { CertificateOnCard } from '../propagation/certificate-on-card.js';
import { authorityOf, type Authority } from './chain.js';
import { personal } from './certificates.js';
import type { Facts } from './facts.js';
import { isForSignIn } from './sign-in.js';

export function forSignIn(facts: Facts): readonly CertificateOnCard[] {
  return personal(facts).filter(({ info }) => isForSignIn(info));
}

/** On the cards and in the stores. */
export function authoritiesOf({ cards, authorities }: Facts): readonly Authority[] {
  const onCards = cards.certificates
    .filter(({ file, info }) => file.isRoot || info.isCa)
    .map(({ file }) => authorityOf('Card', file.certificate));
  const stored =
    authorities.kind === 'Seen'
      ? authorities.value.map(({ store, certificate }) => authorityOf(store, certificate))
      : [];
  return [...onCards, ...stored].filter((authority) => authority !== null);
}
