/** Hears of the changes that this process makes to files: Node's own file functions tell them, the product knows nothing of it. */
import fs from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** @param onChange called before each change */
export async function tellFileChanges(onChange: () => void): Promise<void> {
  const probe = await files.open(import.meta.filename);
  const fileHandle = Object.getPrototypeOf(probe) as object;
  await probe.close();
  tell(fileHandle, ['write', 'writeFile', 'sync'], onChange);
  tell(files, ['mkdir', 'open'], onChange);
  tell(
    fs,
    ['mkdirSync', 'writeFileSync', 'fsyncSync', 'linkSync', 'unlinkSync', 'fchownSync', 'fchmodSync'],
    onChange,
  );
  syncBuiltinESMExports();
}

function tell(target: object, names: readonly string[], onChange: () => void): void {
  const functions = target as Record<string, (...values: unknown[]) => unknown>;
  for (const name of names) {
    const original = functions[name];
    if (original === undefined) throw new Error(`There is no ${name}`);
    functions[name] = function told(this: unknown, ...values: unknown[]): unknown {
      onChange();
      return original.apply(this, values);
    };
  }
}
