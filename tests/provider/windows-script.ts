/**
 * Run by node.exe under Wine: asks the providers about readers as the engine does. Arguments: the helper's script, the time limit in
 * milliseconds, the readers' names. Prints one reading a line.
 */
import { readContainers } from '../../engine/provider/provider.js';
import { hex } from '../../engine/text.js';

const [helper = '', milliseconds = '', ...readerNames] = process.argv.slice(2);

async function main(): Promise<void> {
  const options = { helper, milliseconds: Number(milliseconds) };
  const { signal } = new AbortController();
  const readings = await Promise.all(readerNames.map((name) => readContainers(name, options, signal)));
  for (const { containers, failures, answered, ...reading } of readings) {
    const problems = failures.map(({ id, message }) => `${id}: ${message}`);
    const stored = reading.stored.map(({ readerName, store, certificate, properties }) => ({
      ...{ readerName, store, certificate: hex(certificate) },
      properties: Object.fromEntries([...properties].map(([id, value]) => [id, hex(value)])),
    }));
    console.log(JSON.stringify({ containers, stored, problems, answered }));
  }
}

void main();
