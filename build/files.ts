import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { moduleFolder, root } from './root.js';

const generated = [
  join(root, 'node_modules'),
  join(root, 'out'),
  join(root, 'dist'),
  join(moduleFolder, 'engine'),
  join(root, '.git'),
];

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !generated.includes(path)) {
      yield* filesBelow(path);
    } else if (entry.isFile()) {
      yield path;
    }
  }
}

/** The project's own files below a folder whose names fit, as sorted paths relative to the top folder, with slashes. */
export function sourceFiles(folder: string, name: RegExp): string[] {
  return [...filesBelow(join(root, folder))]
    .map((path) => relative(root, path).split(sep).join('/'))
    .filter((path) => name.test(path))
    .sort();
}

/** The files that users get as they are, and Windows PowerShell 5.1 has to read: the module and the examples. */
export function deliveredFiles(name: RegExp): string[] {
  return ['examples', 'module'].flatMap((folder) => sourceFiles(folder, name));
}
