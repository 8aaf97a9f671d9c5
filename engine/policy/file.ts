/**
 * Policies off Windows: a file of root's with the values that Windows has in its registry, by their names: `{ "CertPropEnabled": 0 }`.
 * Without the file nothing is configured; one that can't be used stops propagation.
 */
import * as v from 'valibot';
import { CertPropError } from '../errors.js';
import { readSettings } from '../files/settings-file.js';
import { visible } from '../text.js';
import { definitions, policyNames, type PolicyName } from './policies.js';
import type { PolicySource } from './policy.js';

const policies = v.strictObject(
  Object.fromEntries(policyNames.map((name) => [name, v.optional(v.picklist(valuesOf(name)))])),
);

export function filePolicies(file: string): PolicySource {
  return {
    async read() {
      const settings = (await readSettings(file, policies, (why) => invalid(file, why))) ?? {};
      const given = new Map<PolicyName, number>();
      for (const name of policyNames) {
        const value = settings[name];
        if (value !== undefined) given.set(name, value);
      }
      return { place: { kind: 'File', file }, given };
    },
  };
}

function valuesOf(name: PolicyName): number[] {
  return Object.keys(definitions[name].meanings).map(Number);
}

function invalid(file: string, why: string): CertPropError {
  return new CertPropError(
    'PolicyInvalid',
    `The policy file ${visible(file)} can't be used: ${why}. Root has to correct or remove it before certificates are propagated; ` +
      'it should be like { "CertPropEnabled": 1 }.',
    { file },
  );
}
