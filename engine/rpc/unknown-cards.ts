import { CertPropError } from '../errors.js';

/** Nothing can be said to be on no card as long as one of them is unknown. */
export function readersNotReadable(): CertPropError {
  return new CertPropError(
    'ReadersNotReadable',
    'Not every card could be read, so it is not known which certificates are on one. Nothing was removed. Take out the cards named before, or name the certificates with -Thumbprint.',
  );
}
