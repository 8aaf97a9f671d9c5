import { settingsFile } from '../files/settings-file.js';
import { filePolicies } from './file.js';
import type { PolicySource } from './policy.js';
import { registryPolicies } from './registry.js';

/**
 * This machine's policies. Nothing that users can change, such as a variable of the environment, has a say in where they are.
 * @param file where they are, off Windows
 */
export function machinePolicies(file = settingsFile('policy.json', process.platform, {})): PolicySource {
  if (process.platform !== 'win32') return filePolicies(file);
  return registryPolicies(async () => (await import('./advapi32.js')).connectRegistry());
}
