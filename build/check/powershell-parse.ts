/**
 * Every PowerShell file parses. Two parsers have their say: the tree-sitter grammar, which is there on every machine and feeds
 * the 5.1 check, and PowerShell's own where pwsh is on PATH. Both must accept a file: PowerShell's is right about the language,
 * and a form that the grammar does not know would hide from the 5.1 check and fail on machines without pwsh.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { sourceFiles } from '../files.js';
import { placeOf, powerShellParser, type Node } from '../powershell/tree.js';
import { isRequired } from '../require.js';
import { root } from '../root.js';
import { findProgram, run } from '../run.js';
import type { CheckResult } from './result.js';

export const powerShellFile = /\.(psm1|psd1|ps1)$/u;

function brokenNodes(node: Node): Node[] {
  if (node.isError || node.isMissing) {
    return [node];
  }
  return node.hasError ? node.children.flatMap(brokenNodes) : [];
}

/** Where the grammar finds no PowerShell in a script. */
export function grammarProblems(file: string, tree: Node): string[] {
  const broken = brokenNodes(tree);
  const nodes = broken.length === 0 && tree.hasError ? [tree] : broken;
  return nodes.map((node) => {
    const { line, column } = placeOf(node);
    const text = node.text.split('\n')[0]?.slice(0, 60) ?? '';
    const what = node.isMissing ? `"${node.type}" is missing` : `not understood: ${text}`;
    return `${file}:${line}:${column}: ${what} (a syntax error, or a form that tree-sitter-powershell does not know: write it another way)`;
  });
}

export function grammarParse(files: readonly string[]): () => Promise<CheckResult> {
  return async () => {
    const parse = await powerShellParser();
    const problems = files.flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      // The grammar ends a last line that is a comment or an empty block only at a line that follows.
      return grammarProblems(file, parse(`${text}\n`));
    });
    return { name: `PowerShell syntax by grammar (${files.length} files)`, problems };
  };
}

const parserScript = `
$ErrorActionPreference = 'Stop'
$found = foreach ($file in @([Console]::In.ReadToEnd() | ConvertFrom-Json)) {
  $tokens = $null; $errors = $null
  $null = [System.Management.Automation.Language.Parser]::ParseFile($file, [ref] $tokens, [ref] $errors)
  foreach ($e in $errors) { "{0}:{1}:{2}: {3}" -f $file, $e.Extent.StartLineNumber, $e.Extent.StartColumnNumber, $e.Message }
}
ConvertTo-Json -Compress -InputObject @($found)
`;

/** The same by PowerShell's own parser. */
export async function powerShellParse(): Promise<CheckResult> {
  const name = "PowerShell syntax by pwsh's parser";
  const pwsh = findProgram('pwsh');
  if (pwsh === null) {
    const missing = 'PowerShell 7.4 or later (pwsh on PATH)';
    return isRequired('pwsh')
      ? { name, problems: [`missing: ${missing}`] }
      : { name, problems: [], skipped: missing };
  }
  const files = sourceFiles('.', powerShellFile);
  const { exitCode, output, errors } = await run(
    pwsh,
    ['-NoProfile', '-NonInteractive', '-Command', parserScript],
    {
      input: JSON.stringify(files),
    },
  );
  const problems = exitCode === 0 ? v.parse(v.array(v.string()), JSON.parse(output)) : [`${output}${errors}`];
  return { name, problems };
}
