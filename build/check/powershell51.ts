/** The module runs on Windows PowerShell 5.1, as far as that can be told without Windows. */
import { readVerifiedNames } from '../powershell51/api.js';
import { moduleNames, moduleScripts } from '../powershell51/module-names.js';
import { resolveNames } from '../powershell51/resolve.js';
import { traps } from '../powershell51/traps.js';
import { isRequired } from '../require.js';
import type { CheckResult } from './result.js';

export async function powershell51Traps(): Promise<CheckResult> {
  const problems = (await moduleScripts()).flatMap(({ file, tree }) =>
    traps(tree).map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`),
  );
  return { name: 'Windows PowerShell 5.1: syntax and parameters', problems };
}

/** The uses of names that are not among the verified ones. */
export function unverified(
  uses: ReadonlyMap<string, readonly string[]>,
  verified: readonly string[],
): string[] {
  const known = new Set(verified);
  return [...uses]
    .filter(([name]) => !known.has(name))
    .map(
      ([name, places]) =>
        `${places.join(', ')}: ${name} is not verified to exist in .NET Framework 4.7.2: npm run powershell51`,
    );
}

export async function powershell51Names(): Promise<CheckResult> {
  const problems = unverified(moduleNames(await moduleScripts()), readVerifiedNames().names);
  return { name: 'Windows PowerShell 5.1: .NET names are verified ones (api.json)', problems };
}

/** Verifies api.json itself, where dotnet is at hand. */
export async function powershell51Assemblies(): Promise<CheckResult> {
  const name = 'Windows PowerShell 5.1: api.json against the reference assemblies';
  const { sources, names } = readVerifiedNames();
  const resolution = await resolveNames(names);
  if (resolution.kind === 'unavailable') {
    return isRequired('dotnet')
      ? { name, problems: [`missing: ${resolution.reason}`] }
      : { name, problems: [], skipped: resolution.reason };
  }
  const stale = sources === resolution.sources ? [] : [`api.json is from ${sources}: npm run powershell51`];
  const missing = Object.entries(resolution.missing).map(
    ([missingName, reason]) => `${missingName}: ${reason}`,
  );
  return { name, problems: [...stale, ...missing] };
}
