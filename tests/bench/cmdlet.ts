/** What a cmdlet costs in a cold PowerShell. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoModuleFolder } from '../../build/root.js';
import { findProgram, run } from '../../build/run.js';
import { writeCardImage } from '../../engine/virtual/card-image.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { requirePart } from '../support/require.js';
import { contender, interleave, median, range, table, timed, type Part } from './measure.js';

const rounds = 9;

export const cmdletPart: Part = {
  name: 'cmdlet',
  about: `Get-CardCertificate in a cold pwsh, embedded virtual card with 3 certificates; ${rounds} runs each, interleaved`,
  seconds: 60,
  async run() {
    const skipped = requirePart('pwsh', findProgram('pwsh') !== null, 'PowerShell 7.4 or later');
    if (skipped !== false) return { skipped };
    const folder = await mkdtemp(join(tmpdir(), 'certprop-bench-'));
    await measure(await copyModule(folder));
    await rm(folder, { recursive: true });
    return { requirements: [] };
  },
};

async function measure(module: string): Promise<void> {
  const alone = contender('pwsh alone', () => timed(() => pwsh('1', '1', module)));
  const contenders = [
    alone,
    contender('and Import-Module', () => timed(() => pwsh(`${importModule}; 1`, '1', module))),
    contender('and Get-CardCertificate', () =>
      timed(() => pwsh(`${importModule}; @(Get-CardCertificate).Count`, '3', module)),
    ),
  ];
  await interleave(contenders, rounds);
  const rows = contenders.map(({ name, samples }) => [
    name,
    median(samples).toFixed(0),
    range(samples),
    `+${(median(samples) - median(alone.samples)).toFixed(0)}`,
    (median(samples) / median(alone.samples)).toFixed(2),
  ]);
  console.log(table([['', 'median ms', 'range', 'over pwsh', 'to pwsh'], ...rows]));
  if (process.getuid?.() === 0)
    console.log('As root, for whom the module first looks who can change its files.');
}

const importModule = 'Import-Module $env:CERTPROP_BENCH_MODULE';

async function pwsh(command: string, expected: string, module: string): Promise<void> {
  const { exitCode, output, errors } = await run(
    'pwsh',
    ['-NoProfile', '-NonInteractive', '-Command', command],
    { env: { CERTPROP_BENCH_MODULE: join(module, 'CertProp.psd1') } },
  );
  if (exitCode !== 0 || output.trim() !== expected) {
    throw new Error(`pwsh ended with ${String(exitCode)} and printed ${output}${errors}`);
  }
}

/** A copy of the demo's module with a card in a reader. */
async function copyModule(folder: string): Promise<string> {
  const module = join(folder, 'CertProp');
  await cp(demoModuleFolder, module, { recursive: true });
  const readers = join(module, 'engine', 'readers');
  await rm(readers, { recursive: true, force: true });
  await mkdir(join(readers, 'Reader'), { recursive: true });
  const { state } = await makeSampleCard();
  await writeFile(join(readers, 'Reader', 'card.json'), writeCardImage(state));
  return module;
}
