import { join } from 'node:path';
import * as v from 'valibot';
import { root } from '../root.js';
import { findProgram, run } from '../run.js';

const answer = v.object({ sources: v.string(), missing: v.record(v.string(), v.string()) });

export type Resolution =
  | ({ readonly kind: 'resolved' } & v.InferOutput<typeof answer>)
  /** dotnet, or the packages it needs, are not to be had. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** Looks .NET names up in the reference assemblies of .NET Framework 4.7.2 and PowerShell 5.1. Needs dotnet and NuGet. */
export async function resolveNames(names: readonly string[]): Promise<Resolution> {
  const dotnet = findProgram('dotnet');
  if (dotnet === null) {
    return { kind: 'unavailable', reason: 'the .NET SDK 10 (dotnet on PATH)' };
  }
  const project = join('build', 'powershell51', 'Resolve.csproj');
  const built = await run(dotnet, ['build', project, '--nologo', '-v', 'quiet']);
  if (built.exitCode !== 0) {
    const reason = built.output.split('\n').find((line) => line.includes('error')) ?? built.errors;
    return { kind: 'unavailable', reason: `the .NET SDK 10 and NuGet's packages (${reason.trim()})` };
  }
  const program = join(root, 'out', 'powershell51', 'bin', 'Resolve', 'debug', 'Resolve.dll');
  const resolved = await run(dotnet, [program], { input: names.map((name) => `${name}\n`).join('') });
  if (resolved.exitCode !== 0) {
    throw new Error(`the resolver failed: ${resolved.errors}`);
  }
  return { kind: 'resolved', ...v.parse(answer, JSON.parse(resolved.output)) };
}
