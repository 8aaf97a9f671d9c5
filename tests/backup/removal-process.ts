/**
 * Removes with a backup, and is killed at one of the changes that it makes to files. Arguments: the profiles' folder, the backup folder,
 * before which change; 0 for none. Writes how many there were.
 */
import fs from 'node:fs';
import { tellFileChanges } from '../support/file-changes.js';
import { profilesIn, remove } from './bed.js';

const [profiles = '', backup = '', killAt = '0'] = process.argv.slice(2);
let changes = 0;

await tellFileChanges(() => {
  changes += 1;
  if (changes === Number(killAt)) process.kill(process.pid, 'SIGKILL');
});
await remove(profilesIn(profiles), backup);
fs.writeSync(1, `${changes}\n`);
