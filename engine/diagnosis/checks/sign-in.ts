import type { CertificateOnCard } from '../../propagation/certificate-on-card.js';
import { obstaclesTo, isForSignIn, namesUser } from '../sign-in.js';
import { evidenceOf, named, personal } from '../certificates.js';
import type { Facts } from '../facts.js';
import { counted, passed, skipped, unseen, type Check, type Judgment } from '../finding.js';
import { signInRules, type SignInRules } from '../sign-in.js';

/** Windows would offer the certificates that are for signing in. */
export const signIn: Check = {
  name: 'SignIn',
  judge(facts) {
    if (facts.policies.kind === 'NotHere') return [unseen(facts.policies)];
    const rules = signInRules(facts.policies.kind === 'Seen' ? facts.policies.value : null, facts.now);
    const cards = groupByCard(personal(facts)).map((certificates) => judgeCard(certificates, rules));
    const judgments = cards.flat();
    if (judgments.length > 0) return judgments;
    const count = eligible(facts, rules).length;
    return count === 0
      ? [
          skipped(
            'No certificate on the cards is for signing in: none has a user principal name or the smart card logon usage.',
          ),
        ]
      : [passed(`${counted(count, 'certificate')} can be used for signing in.`)];
  },
};

function eligible(facts: Facts, rules: SignInRules): readonly CertificateOnCard[] {
  return personal(facts).filter((source) => isCandidate(source) && obstaclesTo(source, rules).length === 0);
}

function isCandidate({ info }: CertificateOnCard): boolean {
  return isForSignIn(info) || namesUser(info);
}

/** One that says it is for signing in has to be fit for it; of the others, with a user's name, one on each card. */
function judgeCard(certificates: readonly CertificateOnCard[], rules: SignInRules): readonly Judgment[] {
  const judged = certificates
    .filter(isCandidate)
    .map((source) => ({ source, obstacles: obstaclesTo(source, rules) }));
  const unfit = judged.filter(({ obstacles }) => obstacles.length > 0);
  const hasFit = unfit.length < judged.length;
  return unfit
    .filter(({ source }) => isForSignIn(source.info) || !hasFit)
    .filter(({ source }) => isInTime(source, rules))
    .map(({ source, obstacles }) => ({
      status: 'Failed',
      finding: `${named(source)} is not offered for signing in: ${obstacles.map(({ why }) => why).join('; ')}.`,
      evidence: {
        ...evidenceOf(source),
        upn: source.info.upn,
        keyUsages: source.info.keyUsages?.join(' ') ?? null,
      },
      remedy: `Have a certificate for smart card logon issued${obstacles.map(({ policy }) => (policy === null ? '' : `, or set the policy ${policy} to 1`)).join('')}.`,
    }));
}

/** What is out of time, the check Validity names. */
function isInTime({ info }: CertificateOnCard, { now }: SignInRules): boolean {
  return info.notBefore <= now && now <= info.notAfter;
}

function groupByCard(certificates: readonly CertificateOnCard[]): readonly (readonly CertificateOnCard[])[] {
  const groups = new Map<string, CertificateOnCard[]>();
  for (const source of certificates) {
    const key = source.card.readerName;
    groups.set(key, [...(groups.get(key) ?? []), source]);
  }
  return [...groups.values()];
}
