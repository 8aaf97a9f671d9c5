/** The helper's task `pkcs11`: reads a module's tokens in the helper process. */
import type { Task } from '../helper/task.js';
import { loadCryptoki } from './cryptoki.js';
import { readTokens } from './read-tokens.js';

/** @param values the module's absolute path */
export const pkcs11Task: Task = async ([modulePath = ''], say) => {
  for (const token of readTokens(await loadCryptoki(modulePath))) say(token);
};
