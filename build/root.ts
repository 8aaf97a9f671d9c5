import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's top folder, from out/build. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** The product's module, and a copy of it whose engine has virtual cards. */
export const moduleFolder = join(root, 'module');
export const demoModuleFolder = join(root, 'out', 'demo', 'CertProp');
