/** A bare Node.js program that reads once each certificate's file of profiles that are not hostile. Argument: the profiles' folder. */
import { readdirSync, readFileSync } from 'node:fs';

const [profiles = ''] = process.argv.slice(2);
let files = 0;
for (const name of readdirSync(profiles)) {
  if (name.includes(' ')) continue;
  for (const store of ['My', 'Request']) {
    const folder = `${profiles}/${name}/AppData/Roaming/Microsoft/SystemCertificates/${store}/Certificates`;
    for (const file of readdirSync(folder)) {
      readFileSync(`${folder}/${file}`);
      files++;
    }
  }
}
process.stdout.write(`${files}\n`);
