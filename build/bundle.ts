/** Assembles the module: its help, the engine in module/engine, and a copy with virtual cards in out/demo/CertProp. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findVirtualCard } from './engine-bundle.js';
import { assembleEngine } from './engine-folder.js';
import { writeHelp } from './help/write.js';
import { installedKoffi } from './koffi.js';
import { demoModuleFolder, moduleFolder } from './root.js';

await writeHelp(moduleFolder);

const productEngine = join(moduleFolder, 'engine');
const parts = { koffi: installedKoffi(), licensed: [] };
const sources = await assembleEngine('main.ts', productEngine, parts);
const virtualCard = findVirtualCard(sources);
if (virtualCard.length > 0) {
  rmSync(productEngine, { recursive: true });
  throw new Error(`The product's engine would hold the virtual card: ${virtualCard.join(', ')}`);
}

rmSync(demoModuleFolder, { recursive: true, force: true });
cpSync(moduleFolder, demoModuleFolder, {
  recursive: true,
  filter: (path) => !path.startsWith(productEngine),
});
await assembleEngine('demo.ts', join(demoModuleFolder, 'engine'), parts);
