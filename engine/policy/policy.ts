/** What group policy comes to, from what is set: pure functions. */
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';
import { definitions, policyNames, type Definition, type PolicyName, type Settings } from './policies.js';

/** Where a machine's policies are set. */
export interface PolicySource {
  /**
   * Reads them as they are at this moment.
   * @throws CertPropError PolicyNotReadable, PolicyInvalid, ConfigurationNotTrusted: nothing may be assumed then
   */
  read(): Promise<PolicyValues>;
}

export interface PolicyValues {
  readonly place: { readonly kind: 'Registry' } | { readonly kind: 'File'; readonly file: string };
  /** Policies that are not configured are not in it. */
  readonly given: ReadonlyMap<PolicyName, GivenValue>;
}

/** An unsigned 32-bit number, or the name of the registry type that is there instead of REG_DWORD. */
export type GivenValue = number | { readonly type: string };

/** One policy and what it comes to. */
export type Policy<N extends PolicyName = PolicyName> = {
  readonly name: N;
  /** The registry key or the file in which it is set, or would be. */
  readonly path: string;
  readonly effective: Settings[N];
  readonly description: string;
} & Origin;

type Origin =
  | { readonly source: 'Default'; readonly value: null }
  /** What is set means nothing, so the default holds. */
  | { readonly source: 'Default'; readonly value: number | { readonly type: string } }
  | { readonly source: 'Registry' | 'File'; readonly value: number }
  /** Another policy, which this one needs, decides. */
  | {
      readonly source: 'Registry' | 'File';
      readonly value: GivenValue | null;
      readonly decidedBy: PolicyName;
    };

export function allPolicies(values: PolicyValues): readonly Policy[] {
  return policyNames.map((name) =>
    name === 'EnableRootCertificatePropagation' ? rootPropagation(values) : policyOf(name, values),
  );
}

/** One policy by itself. */
export function policyOf<N extends PolicyName>(name: N, values: PolicyValues): Policy<N> {
  const definition: Definition<Settings[N]> = definitions[name];
  const { description, notConfigured } = definition;
  const value = values.given.get(name) ?? null;
  const about = { name, path: pathOf(definition, values), description };
  if (value === null) return { ...about, effective: notConfigured, source: 'Default', value };
  const meaning = meaningOf(definition, value);
  return typeof value !== 'number' || meaning === null
    ? { ...about, effective: notConfigured, source: 'Default', value }
    : { ...about, effective: meaning, source: values.place.kind, value };
}

function rootPropagation(values: PolicyValues): Policy<'EnableRootCertificatePropagation'> {
  const own = policyOf('EnableRootCertificatePropagation', values);
  const { effective, source, name } = policyOf('CertPropEnabled', values);
  return effective === 'Enabled' || source === 'Default'
    ? own
    : { ...own, effective, source, decidedBy: name };
}

/** What may not be propagated, each as the sentence that says why; null for what may. */
export interface Prohibitions {
  readonly everything: string | null;
  /** Root certificates, where they alone are forbidden. */
  readonly roots: string | null;
}

export function prohibitions(values: PolicyValues): Prohibitions {
  return {
    everything: prohibition('certificate propagation', policyOf('CertPropEnabled', values)),
    roots: prohibition(
      'the propagation of root certificates',
      policyOf('EnableRootCertificatePropagation', values),
    ),
  };
}

function prohibition(
  what: string,
  { name, path, effective, value }: Policy<'CertPropEnabled' | 'EnableRootCertificatePropagation'>,
): string | null {
  if (effective === 'Enabled') return null;
  return `Policy turns ${what} off: ${name} is ${shown(value)} in ${visible(path)}.`;
}

/** What is wrong with a policy's value; null if nothing is. */
export function findingAbout(policy: Policy): CertPropError | null {
  const { name, path, effective, value } = policy;
  const { meanings } = definitions[name];
  if (value === null || meaningOf({ meanings }, value) !== null) return null;
  const expected = Object.keys(meanings).join(' or ');
  return new CertPropError(
    'PolicyValueUnknown',
    `The policy ${name} in ${visible(path)} is ${shown(value)}, which means nothing: ${effective} holds. ` +
      `It should be a number (REG_DWORD), ${expected}; correct or remove it.`,
    { file: path },
  );
}

/** A policy's value for a person: `1`, or `of type REG_SZ`. */
function shown(value: GivenValue | null): string {
  return value !== null && typeof value === 'object' ? `of type ${visible(value.type)}` : String(value);
}

function meaningOf<S extends string>(
  { meanings }: Pick<Definition<S>, 'meanings'>,
  value: GivenValue,
): S | null {
  return typeof value === 'number' && Object.hasOwn(meanings, value) ? (meanings[value] ?? null) : null;
}

function pathOf({ key }: Pick<Definition<string>, 'key'>, { place }: PolicyValues): string {
  return place.kind === 'Registry' ? `HKLM\\${key}` : place.file;
}
