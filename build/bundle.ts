/** Assembles the module: bundles the engine into module/engine, and a copy with virtual cards into out/demo/CertProp. */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleEngine, findVirtualCard } from './engine-bundle.js';
import { copyKoffi } from './koffi.js';
import { thirdPartyNotices } from './licenses.js';
import { demoModuleFolder, moduleFolder, root } from './root.js';

async function assembleEngine(entry: string, engineFolder: string): Promise<string[]> {
  if (!existsSync(join(root, 'engine', entry))) {
    console.log(`engine/${entry} is not there yet: no bundle of it`);
    return [];
  }
  rmSync(engineFolder, { recursive: true, force: true });
  mkdirSync(engineFolder, { recursive: true });
  const sources = [
    ...(await bundleEngine(join(root, 'engine', entry), join(engineFolder, 'engine.cjs'))),
    ...(await bundleEngine(join(root, 'engine', 'helper.ts'), join(engineFolder, 'helper.cjs'))),
  ];
  cpSync(join(root, 'build', 'launcher', 'certprop.cjs'), join(engineFolder, 'certprop.cjs'));
  const koffiPackages = copyKoffi(join(engineFolder, 'node_modules'));
  writeFileSync(join(engineFolder, 'THIRD-PARTY.txt'), thirdPartyNotices(sources, koffiPackages));
  return sources;
}

const productEngine = join(moduleFolder, 'engine');
const sources = await assembleEngine('main.ts', productEngine);
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
await assembleEngine('demo.ts', join(demoModuleFolder, 'engine'));
