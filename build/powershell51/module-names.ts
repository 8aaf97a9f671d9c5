import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deliveredFiles } from '../files.js';
import { powerShellParser, type Node } from '../powershell/tree.js';
import { root } from '../root.js';
import { dotNetNames } from './names.js';

export interface ModuleScript {
  readonly file: string;
  readonly tree: Node;
}

/** The scripts that Windows PowerShell 5.1 has to run, parsed. */
export async function moduleScripts(): Promise<ModuleScript[]> {
  const parse = await powerShellParser();
  return deliveredFiles(/\.(psm1|psd1|ps1)$/u).map((file) => ({
    file,
    tree: parse(readFileSync(join(root, file), 'utf8')),
  }));
}

/** Where each .NET name is used in the module: name → `file:line:column`. */
export function moduleNames(scripts: readonly ModuleScript[]): Map<string, string[]> {
  const uses = new Map<string, string[]>();
  for (const { file, tree } of scripts) {
    for (const { name, line, column } of dotNetNames(tree)) {
      uses.set(name, [...(uses.get(name) ?? []), `${file}:${line}:${column}`]);
    }
  }
  return uses;
}
