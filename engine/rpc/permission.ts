/** Whether policy lets certificates be propagated. */
import { CertPropError } from '../errors.js';
import { findingAbout, policyOf, prohibition } from '../policy/policy.js';
import type { EventQueue } from './events.js';
import type { World } from './world.js';

/**
 * Why nothing may be propagated, as a sentence; null if it may, or if the policy that forbids it is to be ignored: then it is named in a
 * warning. Policies that can't be read forbid it too.
 * @throws CertPropError PolicyNotReadable, PolicyInvalid, ConfigurationNotTrusted; ElevationRequired for `ignorePolicy` without an
 * administrator's (root's) rights: who couldn't change the policy can't ignore it either
 */
export async function policyObstacle(
  world: Pick<World, 'policies' | 'isElevated'>,
  ignorePolicy: boolean,
  out: EventQueue,
): Promise<string | null> {
  if (!ignorePolicy) return prohibitionNow(world, out);
  const overridden = await prohibitionNow(world, out).catch(asObstacle);
  if (overridden === null) return null;
  if (!(await world.isElevated())) throw elevationRequired(overridden);
  out.problem(
    new CertPropError('PolicyOverridden', `Certificates are propagated against policy. ${overridden}`),
    'warning',
  );
  return null;
}

async function prohibitionNow(
  { policies }: Pick<World, 'policies'>,
  out: EventQueue,
): Promise<string | null> {
  const values = await policies.read();
  const finding = findingAbout(policyOf('CertPropEnabled', values));
  if (finding !== null) out.problem(finding, 'warning');
  return prohibition(values);
}

function asObstacle(error: unknown): string {
  if (error instanceof CertPropError) return error.message;
  throw error;
}

function elevationRequired(overridden: string): CertPropError {
  return new CertPropError(
    'ElevationRequired',
    `Only administrators (root) may ignore policy: run this elevated. ${overridden}`,
  );
}
