import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { root } from './root.js';

/** A package whose license belongs to the notices. */
export interface LicensedPackage {
  readonly name: string;
  /** Holds its package.json. */
  readonly folder: string;
  /** Holds its license files. */
  readonly licenseFolder: string;
}

const licenseFile = /^(licen[cs]e|copying|notice|thirdpartynotices)(\.|$)/iu;
const manifest = v.object({ version: v.string(), license: v.string() });

/** `node_modules/@scope/name/file.js` → `@scope/name`; null for the project's own files. */
function packageOf(source: string): string | null {
  return /^node_modules\/((?:@[^/]+\/)?[^/]+)\//u.exec(source)?.[1] ?? null;
}

export function installedPackage(name: string): LicensedPackage {
  const folder = join(root, 'node_modules', name);
  return { name, folder, licenseFolder: folder };
}

function notice({ name, folder, licenseFolder }: LicensedPackage): string {
  const { version, license } = v.parse(
    manifest,
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
  );
  const files = readdirSync(licenseFolder).filter((file) => licenseFile.test(file));
  if (files.length === 0) {
    throw new Error(`${name} is bundled but has no license file`);
  }
  const texts = files.sort().map((file) => readFileSync(join(licenseFolder, file), 'utf8').trim());
  return [`${name} ${version} (${license})`, ...texts].join('\n\n');
}

/** The licenses of the packages that the bundled files come from, and of those shipped beside the bundle. */
export function thirdPartyNotices(sources: readonly string[], shipped: readonly LicensedPackage[]): string {
  const bundled = new Set(sources.map(packageOf).filter((name) => name !== null));
  const packages = [...[...bundled].map(installedPackage), ...shipped];
  const byName = packages.sort((a, b) => (a.name < b.name ? -1 : 1));
  const rule = `\n\n${'-'.repeat(78)}\n\n`;
  return `CertProp's engine contains the packages below.${rule}${byName.map(notice).join(rule)}\n`;
}
