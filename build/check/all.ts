import { sourceFiles } from '../files.js';
import { format, imports, lint, typeCheck } from './commands.js';
import { helpPages } from './help.js';
import { moduleText } from './module-text.js';
import { grammarParse, powerShellFile, powerShellParse } from './powershell-parse.js';
import { powershell51Assemblies, powershell51Names, powershell51Traps } from './powershell51.js';
import type { Check } from './result.js';

/** Every check of `npm run check`, in order. */
export const checks: readonly Check[] = [
  typeCheck,
  lint,
  format,
  imports,
  grammarParse(sourceFiles('.', powerShellFile)),
  powerShellParse,
  moduleText,
  helpPages,
  powershell51Traps,
  powershell51Names,
  powershell51Assemblies,
];
