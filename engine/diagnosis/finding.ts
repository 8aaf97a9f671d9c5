/** What a check says. */
import { visible } from '../text.js';
import type { Facts, Seen } from './facts.js';

export type CheckName =
  | 'PcscService'
  | 'Readers'
  | 'Card'
  | 'CardCertificates'
  | 'CardKeys'
  | 'CardCounters'
  | 'WindowsCache'
  | 'PersistedCache'
  | 'CacheMode'
  | 'PropagationService'
  | 'PropagationPolicy'
  | 'RootPropagationPolicy'
  | 'RootCleanupPolicy'
  | 'Store'
  | 'InStore'
  | 'Archived'
  | 'KeyLink'
  | 'LinkProvider'
  | 'LinkContainer'
  | 'LinkKeySpec'
  | 'ProviderMix'
  | 'Duplicates'
  | 'Validity'
  | 'ForeignUsers'
  | 'SignIn'
  | 'RootTrust'
  | 'IssuerTrust'
  | 'RemoteLeak';

export type CheckStatus = 'Passed' | 'Warning' | 'Failed' | 'Skipped';

/** One check, or what it says of one reader or certificate. All text is safe to show. */
export interface Finding {
  readonly name: CheckName;
  readonly status: CheckStatus;
  /** A sentence. */
  readonly finding: string;
  /** Values seen, as `name=value; name=value`; empty where there is nothing to see. */
  readonly evidence: string;
  /** A command or a setting; null where nothing is wrong. */
  readonly remedy: string | null;
  /** The certificate on a card whose propagation mends it; null where that would not. */
  readonly repair: Repair | null;
}

export interface Repair {
  readonly readerName: string;
  readonly thumbprint: string;
}

/** What a check decides; what is wrong has a remedy. */
export type Judgment =
  | { readonly status: 'Passed' | 'Skipped'; readonly finding: string; readonly evidence: Evidence }
  | {
      readonly status: 'Warning' | 'Failed';
      readonly finding: string;
      readonly evidence: Evidence;
      readonly remedy: string;
      readonly repair?: Repair;
    };

/** Values by their names; null is shown as none. */
export type Evidence = Readonly<Record<string, string | number | boolean | null>>;

export interface Check {
  readonly name: CheckName;
  /** At least one judgment. */
  readonly judge: (facts: Facts) => readonly Judgment[];
}

export function passed(finding: string, evidence: Evidence = {}): Judgment {
  return { status: 'Passed', finding, evidence };
}

export function skipped(finding: string, evidence: Evidence = {}): Judgment {
  return { status: 'Skipped', finding, evidence };
}

/** What can't be seen decides nothing. */
export function unseen(fact: Exclude<Seen<unknown>, { kind: 'Seen' }>): Judgment {
  return skipped(fact.kind === 'NotHere' ? fact.why : `It can't be told: ${fact.error.message}`);
}

/** The findings about those subjects that something is wrong with, or the one sentence that nothing is. */
export function judgeEach<T>(
  subjects: readonly T[],
  judge: (subject: T) => Judgment | null,
  otherwise: { readonly none: string; readonly passed: (count: number) => string },
): readonly Judgment[] {
  if (subjects.length === 0) return [skipped(otherwise.none)];
  const judgments = subjects.map(judge).filter((judgment) => judgment !== null);
  return judgments.length > 0 ? judgments : [passed(otherwise.passed(subjects.length))];
}

export function findingOf(name: CheckName, judgment: Judgment): Finding {
  const { status, finding, evidence } = judgment;
  const wrong = 'remedy' in judgment ? judgment : null;
  return {
    ...{ name, status, finding: visible(finding), evidence: evidenceText(evidence) },
    remedy: wrong === null ? null : visible(wrong.remedy),
    repair: shownRepair(wrong?.repair),
  };
}

/** Readers are named as they are shown. */
function shownRepair(repair: Repair | undefined): Repair | null {
  return repair === undefined ? null : { ...repair, readerName: visible(repair.readerName) };
}

function evidenceText(evidence: Evidence): string {
  return Object.entries(evidence)
    .map(([name, value]) => `${name}=${value === null ? 'none' : visible(String(value))}`)
    .join('; ');
}

/** `1 certificate`, `2 certificates`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
