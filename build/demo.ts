/** `npm run demo`: the main job on a virtual card, through the cmdlets where pwsh is on PATH, otherwise through the engine's JSON-RPC. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSampleCard } from '../engine/virtual/sample-card.js';
import { writeCardImage } from '../engine/virtual/card-image.js';
import { demoInPowerShell } from './demo/powershell.js';
import { demoOverJsonRpc } from './demo/json-rpc.js';
import type { DemoSetUp } from './demo/set-up.js';
import { demoModuleFolder } from './root.js';
import { findProgram } from './run.js';

const readerName = 'Virtual Reader 00';

async function setUp(storePath: string): Promise<DemoSetUp> {
  const readers = join(demoModuleFolder, 'engine', 'readers');
  await rm(readers, { recursive: true, force: true });
  const reader = join(readers, readerName);
  await mkdir(reader, { recursive: true });
  const { state, pin } = await makeSampleCard();
  return {
    modulePath: join(demoModuleFolder, 'CertProp.psd1'),
    engineScript: join(demoModuleFolder, 'engine', 'certprop.cjs'),
    readerName,
    cardSlot: join(reader, 'card.json'),
    cardImage: writeCardImage(state),
    pin,
    storePath,
  };
}

const storePath = await mkdtemp(join(tmpdir(), 'certprop-demo-'));
try {
  const demo = await setUp(storePath);
  const pwsh = findProgram('pwsh');
  if (pwsh !== null) process.exitCode = await demoInPowerShell(pwsh, demo);
  else await demoOverJsonRpc(demo);
} finally {
  await rm(storePath, { recursive: true });
}
