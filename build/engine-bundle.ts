import { build } from 'esbuild';
import { root } from './root.js';

/** Bundles an entry file into one CommonJS file. Returns the paths of everything in it, relative to the project's top folder. */
export async function bundleEngine(entry: string, outfile: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    outfile,
    absWorkingDir: root,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    minify: true,
    // Loads a native library from beside itself.
    external: ['koffi'],
    metafile: true,
    logLevel: 'warning',
    logOverride: { 'empty-import-meta': 'error' },
  });
  return Object.keys(metafile.inputs);
}

/** The bundled files that only the demo and the tests may hold. */
export function findVirtualCard(sources: readonly string[]): string[] {
  return sources.filter((path) => path.startsWith('engine/virtual/'));
}
