/** `npm run powershell51`: verifies every .NET name that the module uses, and writes those that exist to api.json. */
import { writeVerifiedNames } from './api.js';
import { moduleNames, moduleScripts } from './module-names.js';
import { resolveNames } from './resolve.js';

const uses = moduleNames(await moduleScripts());
const names = [...uses.keys()].sort();
const resolution = await resolveNames(names);
if (resolution.kind === 'unavailable') {
  console.error(`Install ${resolution.reason}`);
  process.exitCode = 1;
} else {
  const { sources, missing } = resolution;
  writeVerifiedNames({ sources, names: names.filter((name) => !(name in missing)) });
  for (const [name, reason] of Object.entries(missing)) {
    console.error(`${uses.get(name)?.join(', ') ?? ''}: ${name}: ${reason}`);
    process.exitCode = 1;
  }
}
