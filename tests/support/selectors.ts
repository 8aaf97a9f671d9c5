import type { Parameters } from '../../engine/rpc/contract.js';

/** Selects nothing in particular: a request's selectors, for tests that change some of them. */
export const noSelectors = {
  ...{ thumbprints: null, subjects: null, issuers: null, serialNumbers: null, cardIds: null, readers: null },
  ...{ notOnCard: false, expired: false, evidence: null, foreignUser: false, olderThan: null },
  pkcs11Module: null,
} satisfies Partial<Parameters<'inventory/list'>>;
