/** Which store a certificate on a card belongs into: a pure function. docs/computer-certificates.md has the rules of whose it is. */
import { authorityOf } from '../certificate/authority.js';
import { computerEvidence, type Scope as Owner } from '../certificate/computer.js';
import type { LeftOut } from './left-out.js';
import { hasKey } from './links.js';
import type { CertificateOnCard } from './plan.js';

/** The Personal store, the machine's SmartCardRoot, or CA. */
export type Destination = 'Personal' | 'Intermediate' | 'Root';

export interface Placement {
  readonly destination: Destination;
  /** Why it doesn't go there; null if it does. */
  readonly leftOut: LeftOut | null;
}

/** Whose certificates a Personal store takes. */
export type Scope = 'User' | 'Computer' | 'Any';

export interface PlacementPolicy {
  readonly scope: Scope;
  readonly includeIntermediate: boolean;
  /** Why certificates of authorities are left out, null if they are not. */
  readonly authorityObstacle: LeftOut | null;
  /** Why roots are left out besides that, null if they are not. */
  readonly rootObstacle: LeftOut | null;
}

/** A certificate of an authority whose key is on the card is its holder's own, and goes to the Personal store like any other. */
export function placementOf(source: CertificateOnCard, policy: PlacementPolicy): Placement {
  const authority = authorityOf(source.info, source.file.certificate);
  const isOthers = source.file.isRoot || !hasKey(source);
  if (isOthers && authority === 'Root')
    return { destination: 'Root', leftOut: policy.authorityObstacle ?? policy.rootObstacle };
  if (isOthers && authority === 'Intermediate')
    return { destination: 'Intermediate', leftOut: policy.authorityObstacle ?? intermediateObstacle(policy) };
  if (source.file.isRoot) return { destination: 'Root', leftOut: { reason: 'NotARoot' } };
  return { destination: 'Personal', leftOut: scopeObstacle(source, policy) };
}

function intermediateObstacle({ includeIntermediate }: PlacementPolicy): LeftOut | null {
  return includeIntermediate ? null : { reason: 'IntermediateCertificate' };
}

/** Where both kinds are taken nothing has to be told apart. */
function scopeObstacle({ info }: CertificateOnCard, { scope }: PlacementPolicy): LeftOut | null {
  const owner: Owner = computerEvidence(info) === null ? 'User' : 'Computer';
  if (scope === 'Any' || scope === owner) return null;
  return { reason: owner === 'Computer' ? 'ComputerCertificate' : 'UserCertificate' };
}
