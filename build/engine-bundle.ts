import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { root } from './root.js';

/**
 * Packages that are first needed to read a certificate. Each becomes a file of its own, because Node.js scans a file as a whole before
 * it runs any of it: in the engine's file they are two thirds (measured on Node 20, start to first answer: 84 ms, without them 74).
 */
const latePackages = /^(?:asn1js|pkijs)$/;

/**
 * Bundles an entry file into one CommonJS file, and late packages that it needs into files beside it.
 * Returns the paths of everything in them, relative to the project's top folder.
 */
export async function bundleEngine(entry: string, outfile: string): Promise<string[]> {
  const needed = new Set<string>();
  const sources = await bundleFile(entry, outfile, needed);
  // A late package may need another one: the set grows while it is gone through.
  for (const name of needed) {
    sources.push(...(await bundleFile(name, join(dirname(outfile), lateFile(name)), needed)));
  }
  return sources;
}

async function bundleFile(entry: string, outfile: string, needed: Set<string>): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    outfile,
    absWorkingDir: root,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    // `import()` becomes `require()`, because Node's own import() of CommonJS scans the file once more for its exports (measured, start
    // to first certificates: 133 ms against 170).
    supported: { 'dynamic-import': false },
    minify: true,
    // Loads a native library from beside itself.
    external: ['koffi'],
    plugins: [leaveLatePackages(needed)],
    metafile: true,
    logLevel: 'warning',
    logOverride: { 'empty-import-meta': 'error' },
  });
  return Object.keys(metafile.inputs);
}

function leaveLatePackages(needed: Set<string>): Plugin {
  return {
    name: 'late packages',
    setup(bundle) {
      bundle.onResolve({ filter: latePackages }, ({ path, kind }) => {
        if (kind === 'entry-point') return undefined;
        needed.add(path);
        return { path: `./${lateFile(path)}`, external: true };
      });
    },
  };
}

function lateFile(name: string): string {
  return `${name}.cjs`;
}

/** The bundled files that only the demo and the tests may hold. */
export function findVirtualCard(sources: readonly string[]): string[] {
  return sources.filter((path) => path.startsWith('engine/virtual/'));
}
