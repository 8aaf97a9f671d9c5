/**
 * Removes with a backup, and is killed at one of the changes that it makes to files: Node's own file functions tell them, the product
 * knows nothing of it. Arguments: the profiles' folder, the backup folder, before which change; 0 for none. Writes how many there were.
 */
import fs from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { profilesIn, remove } from './bed.js';

const [profiles = '', backup = '', killAt = '0'] = process.argv.slice(2);
let changes = 0;

function countChange(): void {
  changes += 1;
  if (changes === Number(killAt)) process.kill(process.pid, 'SIGKILL');
}

/** Each of these counts as a change before it is made. */
function tell(target: object, names: readonly string[]): void {
  const functions = target as Record<string, (...values: unknown[]) => unknown>;
  for (const name of names) {
    const original = functions[name];
    if (original === undefined) throw new Error(`There is no ${name}`);
    functions[name] = function told(this: unknown, ...values: unknown[]): unknown {
      countChange();
      return original.apply(this, values);
    };
  }
}

const probe = await files.open(import.meta.filename);
tell(Object.getPrototypeOf(probe) as object, ['write', 'writeFile', 'sync']);
await probe.close();
tell(files, ['mkdir', 'open']);
tell(fs, ['mkdirSync', 'writeFileSync', 'fsyncSync', 'linkSync', 'unlinkSync', 'fchownSync', 'fchmodSync']);
syncBuiltinESMExports();

await remove(profilesIn(profiles), backup);
fs.writeSync(1, `${changes}\n`);
