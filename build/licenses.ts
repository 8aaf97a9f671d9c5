import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { root } from './root.js';

const licenseFile = /^(licen[cs]e|copying|notice|thirdpartynotices)(\.|$)/iu;
const manifest = v.object({ version: v.string(), license: v.string() });

/** `node_modules/@scope/name/file.js` → `@scope/name`; null for the project's own files. */
function packageOf(source: string): string | null {
  return /^node_modules\/((?:@[^/]+\/)?[^/]+)\//u.exec(source)?.[1] ?? null;
}

/** koffi's native packages come from koffi's repository and carry no license file of their own. */
function licensedAs(name: string): string {
  return name.startsWith('@koromix/koffi-') ? 'koffi' : name;
}

function notice(name: string): string {
  const folder = join(root, 'node_modules', name);
  const { version, license } = v.parse(
    manifest,
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
  );
  const licenseFolder = join(root, 'node_modules', licensedAs(name));
  const files = readdirSync(licenseFolder).filter((file) => licenseFile.test(file));
  if (files.length === 0) {
    throw new Error(`${name} is bundled but has no license file`);
  }
  const texts = files.map((file) => readFileSync(join(licenseFolder, file), 'utf8').trim());
  return [`${name} ${version} (${license})`, ...texts].join('\n\n');
}

/** The licenses of the packages that the bundled files come from, and of those shipped beside the bundle. */
export function thirdPartyNotices(sources: readonly string[], shipped: readonly string[]): string {
  const bundled = sources.map(packageOf).filter((name) => name !== null);
  const names = [...new Set([...bundled, ...shipped])].sort();
  const rule = `\n\n${'-'.repeat(78)}\n\n`;
  return `CertProp's engine contains the packages below.${rule}${names.map(notice).join(rule)}\n`;
}
