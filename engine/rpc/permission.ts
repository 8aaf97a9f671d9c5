/** What policy lets be propagated. */
import { CertPropError } from '../errors.js';
import { findingAbout, policyOf, prohibitions, type Prohibitions } from '../policy/policy.js';
import type { EventQueue } from './events.js';
import type { World } from './world.js';

const nothingForbidden: Prohibitions = { everything: null, roots: null };

/**
 * What may not be propagated. A policy that forbids it and is to be ignored is named in a warning instead. Policies that can't be read
 * forbid everything.
 * @throws CertPropError PolicyNotReadable, PolicyInvalid, ConfigurationNotTrusted; ElevationRequired for `ignorePolicy` without an
 * administrator's (root's) rights: who couldn't change the policy can't ignore it either
 */
export async function forbiddenByPolicy(
  world: Pick<World, 'policies' | 'isElevated'>,
  ignorePolicy: boolean,
  out: EventQueue,
): Promise<Prohibitions> {
  if (!ignorePolicy) return forbiddenNow(world, out);
  const { everything, roots } = await forbiddenNow(world, out).catch(asProhibition);
  const overridden = everything ?? roots;
  if (overridden === null) return nothingForbidden;
  if (!(await world.isElevated())) throw elevationRequired(overridden);
  out.problem(
    new CertPropError('PolicyOverridden', `Certificates are propagated against policy. ${overridden}`),
    'warning',
  );
  return nothingForbidden;
}

async function forbiddenNow({ policies }: Pick<World, 'policies'>, out: EventQueue): Promise<Prohibitions> {
  const values = await policies.read();
  for (const name of ['CertPropEnabled', 'EnableRootCertificatePropagation'] as const) {
    const finding = findingAbout(policyOf(name, values));
    if (finding !== null) out.problem(finding, 'warning');
  }
  return prohibitions(values);
}

function asProhibition(error: unknown): Prohibitions {
  if (error instanceof CertPropError) return { ...nothingForbidden, everything: error.message };
  throw error;
}

function elevationRequired(overridden: string): CertPropError {
  return new CertPropError(
    'ElevationRequired',
    `Only administrators (root) may ignore policy: run this elevated. ${overridden}`,
  );
}
