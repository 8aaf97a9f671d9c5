/** What crypt32 under Wine wrote into tests/fixtures/stores/wine.sst, and is asked to write again by tests/real/wine-save-store.test.ts. */
import { readFileSync } from 'node:fs';
import { baseCsp, encodeKeyLink } from '../../engine/certificate/key-link.js';
import { propertyId } from '../../engine/store/property-id.js';
import { encodeText } from '../../engine/store/serialized.js';
import type { Properties } from '../../engine/store/store.js';
import { ada, grace, type TestCertificate } from './certificates.js';

export interface SampleEntry {
  readonly certificate: TestCertificate;
  readonly properties: Properties;
}

export const sampleEntries: readonly SampleEntry[] = [
  {
    certificate: ada,
    properties: new Map([
      [
        propertyId.keyProvInfo,
        encodeKeyLink({ container: 'c-1', provider: baseCsp, providerType: 1, flags: 0, keySpec: 1 }),
      ],
      [propertyId.friendlyName, encodeText('Zoë 🂡')],
    ]),
  },
  {
    certificate: grace,
    properties: new Map([[propertyId.enrollment, Buffer.from('2a000000000000000000000000000000', 'hex')]]),
  },
];

/** A revocation list that stands in the store too, DER. */
export const sampleRevocationList: Uint8Array = readFileSync(
  'tests/fixtures/certificates/authority/root-ec.crl',
);
