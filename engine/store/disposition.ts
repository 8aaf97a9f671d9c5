/** What `add` makes of a certificate that is already there: a pure function. */
import { CertPropError } from '../errors.js';
import { propertyId } from './property-id.js';
import type { AddDisposition, DecideProperties, Properties, StoreEntry } from './store.js';

/** The properties to be stored with the certificate, null when what is stored already is what would be written. */
export type Resolution = { readonly properties: Properties } | null;

/**
 * @param existing the entry with the new certificate's thumbprint
 * @throws CertPropError CertificateExists
 */
export function resolve(
  existing: StoreEntry | null,
  certificate: Uint8Array,
  wanted: Properties | DecideProperties,
  disposition: AddDisposition,
): Resolution {
  const properties = typeof wanted === 'function' ? wanted(existing) : wanted;
  if (properties === null) return null;
  if (existing === null) return { properties };
  switch (disposition) {
    case 'Always':
      return { properties };
    case 'ReplaceExisting':
      return unlessSame(existing, certificate, properties);
    case 'ReplaceExistingInheritProperties':
      checkSameCertificate(existing, certificate);
      return unlessSame(existing, certificate, new Map([...existing.properties, ...properties]));
    case 'UseExisting':
      checkSameCertificate(existing, certificate);
      return unlessSame(existing, certificate, withLacking(existing.properties, properties));
    case 'New':
    // The stored certificate is this very one: its NotBefore can't be earlier.
    case 'Newer':
    case 'NewerInheritProperties':
      throw exists(existing.thumbprint, 'is already in the store');
  }
}

/** The stored ones as they are, in their order, then those that are not among them. */
function withLacking(stored: Properties, properties: Properties): Properties {
  return new Map([...stored, ...[...properties].filter(([id]) => !stored.has(id))]);
}

function unlessSame(existing: StoreEntry, certificate: Uint8Array, properties: Properties): Resolution {
  const same =
    sameBytes(existing.certificate, certificate) && sameProperties(existing.properties, properties);
  return same ? null : { properties };
}

/** Order does not matter, and neither does the SHA-1 property: it follows from the certificate and is written anyway. */
function sameProperties(a: Properties, b: Properties): boolean {
  const left = withoutSha1(a);
  const right = withoutSha1(b);
  return left.size === right.size && [...left].every(([id, value]) => sameBytes(value, right.get(id)));
}

function withoutSha1(properties: Properties): Properties {
  return new Map([...properties].filter(([id]) => id !== propertyId.sha1Hash));
}

function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0;
}

/**
 * Two certificates with one SHA-1 thumbprint are an attack: neither inherits the other's properties. (Between equal certificates
 * the stored hash properties, 4, 15, 20, 24, 25, 28 and 29, stay right.)
 */
function checkSameCertificate(existing: StoreEntry, certificate: Uint8Array): void {
  if (sameBytes(existing.certificate, certificate)) return;
  throw exists(existing.thumbprint, 'is in the store with other content under the same thumbprint');
}

function exists(thumbprint: string, how: string): CertPropError {
  return new CertPropError(
    'CertificateExists',
    `The certificate ${thumbprint} ${how}. Remove it first, or choose another way of adding it.`,
    { thumbprint },
  );
}
