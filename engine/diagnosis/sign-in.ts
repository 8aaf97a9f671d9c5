/**
 * Which certificates Windows offers for signing in, and which policies relax that (Microsoft, "How Smart Card Sign-in Works in Windows",
 * client certificate requirements, and "Smart Card Group Policy and Registry Settings").
 */
import type { CertificateInfo } from '../certificate/x509.js';
import type { PolicyName } from '../policy/policies.js';
import { policyOf, type PolicyValues } from '../policy/policy.js';
import type { CertificateOnCard } from '../propagation/certificate-on-card.js';

/** szOID_KP_SMARTCARD_LOGON (wincrypt.h), id-kp-clientAuth and anyExtendedKeyUsage (RFC 5280 section 4.2.1.12). */
const smartCardLogon = '1.3.6.1.4.1.311.20.2.2';
const clientAuthentication = '1.3.6.1.5.5.7.3.2';
const anyUsage = '2.5.29.37.0';

export interface SignInRules {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
  readonly allowsNoUsage: boolean;
  readonly allowsSignatureKeys: boolean;
  readonly allowsInvalidTimes: boolean;
}

/** @param policies null where they can't be read: Windows' defaults */
export function signInRules(policies: PolicyValues | null, now: number): SignInRules {
  const isOn = (
    name: Extract<
      PolicyName,
      'AllowCertificatesWithNoEKU' | 'AllowSignatureOnlyKeys' | 'AllowTimeInvalidCertificates'
    >,
  ): boolean => policies !== null && policyOf(name, policies).effective === 'Enabled';
  return {
    now,
    allowsNoUsage: isOn('AllowCertificatesWithNoEKU'),
    allowsSignatureKeys: isOn('AllowSignatureOnlyKeys'),
    allowsInvalidTimes: isOn('AllowTimeInvalidCertificates'),
  };
}

export interface SignInObstacle {
  /** Goes on after a colon. */
  readonly why: string;
  /** That would let it pass; null for none. */
  readonly policy: PolicyName | null;
}

/** It says itself that it is for signing in. */
export function isForSignIn({ extendedKeyUsages }: CertificateInfo): boolean {
  return extendedKeyUsages?.includes(smartCardLogon) === true;
}

export function namesUser({ upn }: CertificateInfo): boolean {
  return upn !== null;
}

/** None for a certificate that Windows offers. */
export function obstaclesTo(
  { info, file }: CertificateOnCard,
  rules: SignInRules,
): readonly SignInObstacle[] {
  const isValid = info.notBefore <= rules.now && rules.now <= info.notAfter;
  const signs = info.keyUsages === null || info.keyUsages.includes('digitalSignature');
  return [
    ...obstacle(!isValid && !rules.allowsInvalidTimes, 'it is not valid now', 'AllowTimeInvalidCertificates'),
    ...obstacle(
      file.keySpec === 'Signature' && !rules.allowsSignatureKeys,
      'its key can only sign (AT_SIGNATURE)',
      'AllowSignatureOnlyKeys',
    ),
    ...obstacle(!namesUser(info), 'it has no user principal name', null),
    ...obstacle(!signs, 'its key usage lacks digital signature', null),
    ...obstacle(
      !hasUsage(info, rules),
      'it lacks the extended key usage smart card logon',
      mayLackUsage(info) ? 'AllowCertificatesWithNoEKU' : null,
    ),
  ];
}

function obstacle(isThere: boolean, why: string, policy: PolicyName | null): readonly SignInObstacle[] {
  return isThere ? [{ why, policy }] : [];
}

function hasUsage(info: CertificateInfo, { allowsNoUsage }: SignInRules): boolean {
  return isForSignIn(info) || (allowsNoUsage && mayLackUsage(info));
}

/** With the policy, these do as well: no usage at all, any usage, client authentication. */
function mayLackUsage({ extendedKeyUsages }: CertificateInfo): boolean {
  return (
    extendedKeyUsages === null ||
    extendedKeyUsages.includes(anyUsage) ||
    extendedKeyUsages.includes(clientAuthentication)
  );
}
