/** Each cmdlet has its page of help, and the page says what the cmdlet's script says. */
import { readCmdlets } from '../help/write.js';
import type { CheckResult } from './result.js';

export async function helpPages(): Promise<CheckResult> {
  const name = 'help (docs/cmdlets)';
  try {
    await readCmdlets();
    return { name, problems: [] };
  } catch (error) {
    return { name, problems: [error instanceof Error ? error.message : String(error)] };
  }
}
