/** All checks, in the order in which a person would look. */
import { archived } from './checks/archived.js';
import { cacheMode } from './checks/cache-mode.js';
import { card } from './checks/card.js';
import { cardCertificates } from './checks/card-certificates.js';
import { cardCounters } from './checks/card-counters.js';
import { cardKeys } from './checks/card-keys.js';
import { duplicates } from './checks/duplicates.js';
import { foreignUsers } from './checks/foreign-users.js';
import { inStore } from './checks/in-store.js';
import { issuerTrust } from './checks/issuer-trust.js';
import { keyLink } from './checks/key-link.js';
import { linkContainer } from './checks/link-container.js';
import { linkKeySpec } from './checks/link-key-spec.js';
import { linkProvider } from './checks/link-provider.js';
import { pcscService } from './checks/pcsc-service.js';
import { persistedCache } from './checks/persisted-cache.js';
import { propagationPolicy } from './checks/propagation-policy.js';
import { propagationService } from './checks/propagation-service.js';
import { providerMix } from './checks/provider-mix.js';
import { readers } from './checks/readers.js';
import { remoteLeak } from './checks/remote-leak.js';
import { rootCleanupPolicy } from './checks/root-cleanup-policy.js';
import { rootPropagationPolicy } from './checks/root-propagation-policy.js';
import { rootTrust } from './checks/root-trust.js';
import { signIn } from './checks/sign-in.js';
import { store } from './checks/store.js';
import { validity } from './checks/validity.js';
import { windowsCache } from './checks/windows-cache.js';
import type { Facts } from './facts.js';
import { findingOf, type Check, type Finding } from './finding.js';

export const checks: readonly Check[] = [
  ...[pcscService, readers, card, cardCertificates, cardKeys, cardCounters],
  ...[windowsCache, persistedCache, cacheMode],
  ...[propagationService, propagationPolicy, rootPropagationPolicy, rootCleanupPolicy],
  ...[store, inStore, archived, keyLink, linkProvider, linkContainer, linkKeySpec, providerMix, duplicates],
  ...[validity, foreignUsers, signIn, rootTrust, issuerTrust, remoteLeak],
];

/** What all checks say, in their order; of each at least one finding. */
export function diagnose(facts: Facts): readonly Finding[] {
  return checks.flatMap(({ name, judge }) => judge(facts).map((judgment) => findingOf(name, judgment)));
}
