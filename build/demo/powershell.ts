import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../root.js';
import type { DemoSetUp } from './set-up.js';

/** Runs the demo's script in PowerShell. @returns its exit code */
export async function demoInPowerShell(pwsh: string, demo: DemoSetUp): Promise<number> {
  const cardFile = join(demo.storePath, 'card-to-insert.json');
  await writeFile(cardFile, demo.cardImage);
  const script = join(root, 'build', 'demo', 'demo.ps1');
  const parameters = [
    ['-ModulePath', demo.modulePath],
    ['-CardFile', cardFile],
    ['-CardSlot', demo.cardSlot],
    ['-DemoPin', demo.pin],
    ['-StorePath', demo.storePath],
  ].flat();
  const child = spawn(pwsh, ['-NoProfile', '-NonInteractive', '-File', script, ...parameters], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await once(child, 'exit');
  return child.exitCode ?? 1;
}
