type PropertyName =
  'keyProvInfo' | 'sha1Hash' | 'friendlyName' | 'description' | 'archived' | 'enrollment' | 'certificate';

/** Certificate property ids (wincrypt.h; [MS-GPEF] 2.2.1.1.1.1). */
export const propertyId: Readonly<Record<PropertyName, number>> = {
  /** CERT_KEY_PROV_INFO_PROP_ID: the key link. */
  keyProvInfo: 2,
  /** CERT_SHA1_HASH_PROP_ID: 20 bytes, the thumbprint. */
  sha1Hash: 3,
  /** CERT_FRIENDLY_NAME_PROP_ID: UTF-16LE, zero terminated. */
  friendlyName: 11,
  /** CERT_DESCRIPTION_PROP_ID: UTF-16LE, zero terminated. */
  description: 13,
  /** CERT_ARCHIVED_PROP_ID: hidden from programs that don't ask for archived certificates. */
  archived: 19,
  /** CERT_ENROLLMENT_PROP_ID: a pending request's (engine/certificate/enrollment.ts). */
  enrollment: 26,
  /** CERT_CERT_PROP_ID: the certificate itself. */
  certificate: 32,
};
