/**
 * Whether a certificate is a computer's. Windows propagates no computer's certificate into a user's store and no user's into a
 * computer's (Microsoft, "Certificate Propagation Service") and doesn't say how it tells them apart. CertProp takes a certificate for a
 * computer's on positive evidence only; docs/computer-certificates.md has the rules and their sources.
 */
import type { CertificateInfo } from './x509.js';

export interface ComputerEvidence {
  /** Stable. */
  readonly rule: 'TemplateName' | 'TemplateId' | 'ServerName';
  /** Part of a sentence for a person, safe to show: `its template is Machine`. */
  readonly because: string;
}

/** The certificate's owner, as far as the store into which it belongs is concerned. */
export type Scope = 'User' | 'Computer';

/** In doubt a certificate is a user's. */
export function scopeOf(info: CertificateInfo): Scope {
  return computerEvidence(info) === null ? 'User' : 'Computer';
}

/** The first rule that takes the certificate for a computer's; null when none does. */
export function computerEvidence(info: CertificateInfo): ComputerEvidence | null {
  for (const { rule, because } of rules) {
    const reason = because(info);
    if (reason !== null) return { rule, because: reason };
  }
  return null;
}

interface Rule {
  readonly rule: ComputerEvidence['rule'];
  /** Null where the rule says nothing. */
  readonly because: (info: CertificateInfo) => string | null;
}

const rules: readonly Rule[] = [
  { rule: 'TemplateName', because: computerTemplateName },
  { rule: 'TemplateId', because: computerTemplateId },
  { rule: 'ServerName', because: serverName },
];

/**
 * The default templates whose subject is a computer, by their name in Active Directory, and the last arc of their object identifier
 * where it is well attested.
 */
const computerTemplates: readonly (readonly [name: string, lastArc?: number])[] = [
  ['CAExchange'],
  ['CEPEncryption'],
  ['DirectoryEmailReplication'],
  ['DomainController'],
  ['DomainControllerAuthentication', 28],
  ['IPSECIntermediateOffline'],
  ['IPSECIntermediateOnline'],
  ['KerberosAuthentication', 33],
  ['Machine'],
  ['MachineEnrollmentAgent'],
  ['OCSPResponseSigning'],
  ['OfflineRouter'],
  ['RASAndIASServer'],
  ['WebServer'],
  ['Workstation'],
];

/** Names in Active Directory have no case. */
function computerTemplateName({ templateName }: CertificateInfo): string | null {
  const wanted = templateName?.toLowerCase();
  return templateReason(computerTemplates.find(([name]) => name.toLowerCase() === wanted)?.[0]);
}

/** Default templates' identifiers: Microsoft's arc for templates, six arcs of the forest, 1, and the template's own number. */
const defaultTemplate = /^1\.3\.6\.1\.4\.1\.311\.21\.8(?:\.\d+){6}\.1\.(\d{1,3})$/u;

/** A template's name, where there is one, says it better. */
function computerTemplateId({ templateName, templateId }: CertificateInfo): string | null {
  if (templateName !== null || templateId === null) return null;
  const number = Number(defaultTemplate.exec(templateId)?.[1]);
  return templateReason(computerTemplates.find(([, lastArc]) => lastArc === number)?.[0]);
}

function templateReason(name: string | undefined): string | null {
  return name === undefined ? null : `its template is ${name}`;
}

/** id-kp-serverAuth (RFC 5280 section 4.2.1.12). */
const serverAuthentication = '1.3.6.1.5.5.7.3.1';
/** szOID_KP_SMARTCARD_LOGON (wincrypt.h). */
const smartCardLogon = '1.3.6.1.4.1.311.20.2.2';

/** Host names as they occur, wildcards and underscores too, at most 253 characters; an e-mail address is none. */
const hostName = /^(?=.{1,253}$)[\w*-]{1,63}(?:\.[\w-]{1,63}){0,31}$/u;

function serverName({ dnsNames, emailAddresses, upn, extendedKeyUsages }: CertificateInfo): string | null {
  const name = dnsNames.find((dnsName) => hostName.test(dnsName));
  const isPersons = upn !== null || emailAddresses.length > 0 || extendedKeyUsages?.includes(smartCardLogon);
  if (name === undefined || isPersons === true) return null;
  return extendedKeyUsages?.includes(serverAuthentication) === true
    ? `it authenticates the server ${name} and names no person`
    : null;
}
