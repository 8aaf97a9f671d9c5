/**
 * The group policies about smart cards: where each is set, what its values mean, and what holds without it. Keys, values and defaults are
 * those of Windows' administrative templates (Smartcard.admx and TerminalServer.admx; Microsoft's pages on the ADMX_Smartcard and
 * ADMX_TerminalServer policies show them).
 */

export type Switch = 'Enabled' | 'Disabled';
export type RootCleanup = 'Never' | 'OnCardRemoval' | 'OnSignOut';

/** What each policy can come to. */
export interface Settings {
  CertPropEnabled: Switch;
  EnableRootCertificatePropagation: Switch;
  RootCertificateCleanupOption: RootCleanup;
  AllowCertificatesWithNoEKU: Switch;
  AllowSignatureOnlyKeys: Switch;
  AllowTimeInvalidCertificates: Switch;
  FilterDuplicateCerts: Switch;
  ForceReadingAllCertificates: Switch;
  X509HintsNeeded: Switch;
  fEnableSmartCard: Switch;
}

export type PolicyName = keyof Settings;

export interface Definition<Setting extends string> {
  /** Below HKEY_LOCAL_MACHINE. The policy's name is the value's name (REG_DWORD). */
  readonly key: string;
  readonly meanings: Readonly<Record<number, Setting>>;
  readonly notConfigured: Setting;
  readonly description: string;
}

const onOff: Readonly<Record<number, Switch>> = { 0: 'Disabled', 1: 'Enabled' };
const propagation = { key: 'SOFTWARE\\Policies\\Microsoft\\Windows\\CertProp', meanings: onOff } as const;
const signIn = {
  key: 'SOFTWARE\\Policies\\Microsoft\\Windows\\SmartCardCredentialProvider',
  meanings: onOff,
} as const;

export const definitions: { readonly [N in PolicyName]: Definition<Settings[N]> } = {
  CertPropEnabled: {
    ...propagation,
    notConfigured: 'Enabled',
    description: 'Certificates are copied from smart cards to Personal stores.',
  },
  EnableRootCertificatePropagation: {
    ...propagation,
    notConfigured: 'Enabled',
    description: 'Root certificates are propagated from smart cards too. Needs CertPropEnabled.',
  },
  RootCertificateCleanupOption: {
    key: propagation.key,
    meanings: { 0: 'Never', 1: 'OnCardRemoval', 2: 'OnSignOut' },
    notConfigured: 'OnSignOut',
    description: 'When root certificates that came from smart cards are removed.',
  },
  AllowCertificatesWithNoEKU: {
    ...signIn,
    notConfigured: 'Disabled',
    description: 'Certificates without an extended key usage can be used to sign in.',
  },
  AllowSignatureOnlyKeys: {
    ...signIn,
    notConfigured: 'Disabled',
    description: 'Certificates of keys that can only sign are offered for signing in.',
  },
  AllowTimeInvalidCertificates: {
    ...signIn,
    notConfigured: 'Disabled',
    description: 'Certificates that have expired or are not yet valid are offered for signing in.',
  },
  FilterDuplicateCerts: {
    ...signIn,
    // So the administrative template; Microsoft's page on smart card policies says the contrary.
    notConfigured: 'Enabled',
    description: 'Of certificates of one template for one user only the newest is offered for signing in.',
  },
  ForceReadingAllCertificates: {
    ...signIn,
    notConfigured: 'Disabled',
    description: 'All certificates are read for signing in, also from cards that give only one at a time.',
  },
  X509HintsNeeded: {
    ...signIn,
    notConfigured: 'Disabled',
    description: 'A field for the user name is shown when signing in with a smart card.',
  },
  fEnableSmartCard: {
    key: 'SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services',
    meanings: onOff,
    notConfigured: 'Enabled',
    description: 'Smart cards can be redirected into Remote Desktop sessions.',
  },
};

export const policyNames: readonly PolicyName[] = Object.keys(definitions).filter(isPolicyName);

function isPolicyName(name: string): name is PolicyName {
  return Object.hasOwn(definitions, name);
}
