/** Builds the module's help file from the pages in docs/cmdlets. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { sourceFiles } from '../files.js';
import { powerShellParser } from '../powershell/tree.js';
import { root } from '../root.js';
import { assertAgreement } from './agree.js';
import { helpFile, type Cmdlet } from './maml.js';
import { readPage } from './page.js';
import { readFacts } from './script.js';

/** In the module's folder; the functions name it by `.EXTERNALHELP`. */
export const helpFileName = 'en-US/CertProp-help.xml';

/** Every cmdlet's page and facts. Throws for a cmdlet without a page, a page without a cmdlet, and a page that says something else than its script. */
export async function readCmdlets(): Promise<Cmdlet[]> {
  const parse = await powerShellParser();
  const scripts = sourceFiles('module/public', /\.ps1$/u);
  const pages = new Set(sourceFiles('docs/cmdlets', /\.md$/u));
  const cmdlets = scripts.map((script) => {
    const file = `docs/cmdlets/${basename(script, '.ps1')}.md`;
    if (!pages.delete(file)) throw new Error(`${script} has no help: ${file} is missing`);
    const page = readPage(file, read(file));
    const facts = readFacts(script, parse(read(script)));
    assertAgreement(page, facts);
    return { page, facts };
  });
  const [orphan] = pages;
  if (orphan !== undefined) throw new Error(`${orphan} is the help of no cmdlet in module/public`);
  return cmdlets;
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Writes the help file into a module's folder. */
export async function writeHelp(module: string): Promise<void> {
  writeFileSync(join(module, helpFileName), helpFile(await readCmdlets()));
}
