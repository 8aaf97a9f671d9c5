/** build/powershell51/api.json: the .NET names that the module uses and that were found in 5.1's reference assemblies. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { root } from '../root.js';

const path = join(root, 'build', 'powershell51', 'api.json');

const format = v.strictObject({
  /** The packages of reference assemblies, with their versions. */
  sources: v.string(),
  names: v.array(v.string()),
});

export type VerifiedNames = v.InferOutput<typeof format>;

export function readVerifiedNames(): VerifiedNames {
  return v.parse(format, JSON.parse(readFileSync(path, 'utf8')));
}

export function writeVerifiedNames(verified: VerifiedNames): void {
  writeFileSync(path, `${JSON.stringify(verified, null, 2)}\n`);
}
