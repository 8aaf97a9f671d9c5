/**
 * The process of `service.ts`. `service-process.js <contents>`: the file `contents` holds what is on the card, ServiceEntry[] as JSON. For
 * each line on standard input, a store path, it propagates that once, and prints a line when it has done so.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { encodeKeyLink } from '../../engine/certificate/key-link.js';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { propertyId } from '../../engine/store/property-id.js';
import { decodeElement, encodeElement } from '../../engine/store/serialized.js';
import type { Properties } from '../../engine/store/store.js';
import type { ServiceEntry } from './service.js';

/** The certificate replaces the one that is there and inherits its properties; the service's own win. */
async function propagate(storePath: string, { store, certificate, link }: ServiceEntry): Promise<void> {
  const folder = join(storePath, 'SystemCertificates', store, 'Certificates');
  await mkdir(folder, { recursive: true });
  const der = Buffer.from(certificate, 'base64');
  const file = join(folder, thumbprintOf(der));
  const own: Properties = new Map(link === null ? [] : [[propertyId.keyProvInfo, encodeKeyLink(link)]]);
  const element = encodeElement(der, new Map([...(await propertiesIn(file)), ...own]));
  await writeWhole(join(storePath, 'service.tmp'), file, element);
}

async function propertiesIn(file: string): Promise<Properties> {
  try {
    return decodeElement(await readFile(file)).properties;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map();
    throw error;
  }
}

async function writeWhole(temporary: string, path: string, content: Uint8Array): Promise<void> {
  const file = await open(temporary, 'w');
  await file.writeFile(content);
  await file.sync();
  await file.close();
  await rename(temporary, path);
}

const [contents = ''] = process.argv.slice(2);
const entries = JSON.parse(await readFile(contents, 'utf8')) as readonly ServiceEntry[];
for await (const storePath of createInterface({ input: process.stdin })) {
  for (const entry of entries) await propagate(storePath, entry);
  process.stdout.write('propagated\n');
}
