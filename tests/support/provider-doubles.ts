/** Doubles of Windows' smart card providers under Wine: ncrypt.dll, and a CSP that Wine's own advapi32 loads (tests/wine). */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setRegistryValue, type Wine } from './wine.js';

/** What a double does instead, with one reader. */
export type Misbehavior =
  | 'crash'
  | 'hang'
  | 'unknown'
  | 'endless'
  | 'nameless'
  | 'long'
  /** With its certificate stores only. */
  | 'store-crash'
  | 'store-endless'
  | 'store-long'
  | 'store-refused'
  /** It can't be limited to a reader: the KSP's only. */
  | 'all-readers';

export type DoubleFact =
  | {
      readonly provider: 'KSP' | 'CSP';
      readonly reader: string;
      readonly name: string;
      readonly keySpec: 0 | 1 | 2;
      readonly certificate?: Uint8Array;
      /** As the provider exports it (bcrypt.h, wincrypt.h). */
      readonly blob?: Uint8Array;
      /** 16 bytes. */
      readonly guid?: Uint8Array;
    }
  | {
      readonly provider: 'KSP' | 'CSP';
      readonly reader: string;
      readonly store: 'User' | 'Root';
      /** A certificate with its properties, as crypt32 serializes it. */
      readonly element: Uint8Array;
    }
  | { readonly provider: 'KSP' | 'CSP'; readonly reader: string; readonly behavior: Misbehavior };

/** Makes Wine's advapi32 find the CSP's double. */
export async function registerBaseCsp(wine: Wine): Promise<void> {
  const key =
    'HKLM\\Software\\Microsoft\\Cryptography\\Defaults\\Provider\\Microsoft Base Smart Card Crypto Provider';
  await setRegistryValue(wine, key, 'Image Path', 'REG_SZ', 'C:\\windows\\system32\\basecsp.dll');
  await setRegistryValue(wine, key, 'Type', 'REG_DWORD', '1');
}

/** Sets what the doubles show from their next start on, and removes their logs. */
export function setCards(wine: Wine, facts: readonly DoubleFact[]): void {
  writeFileSync(join(drive(wine), 'providers.txt'), facts.map((fact) => `${lineOf(fact)}\n`).join(''));
  for (const path of logs(wine)) rmSync(path);
}

/** What was opened and closed, and what was done wrongly, one a line. */
export function logOf(wine: Wine): readonly string[] {
  return logs(wine).flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'));
}

/** One for each process. */
function logs(wine: Wine): readonly string[] {
  const names = readdirSync(drive(wine)).filter((name) => /^providers-\d+\.log$/u.test(name));
  return names.map((name) => join(drive(wine), name));
}

function drive(wine: Wine): string {
  return join(wine.systemFolder, '..', '..');
}

function lineOf(fact: DoubleFact): string {
  if ('behavior' in fact) return ['behavior', fact.provider, fact.reader, fact.behavior].join('\t');
  if ('store' in fact) {
    const element = Buffer.from(fact.element).toString('hex');
    return ['stored', fact.provider, fact.reader, fact.store, element].join('\t');
  }
  const { provider, reader, name, keySpec, certificate, blob, guid } = fact;
  const bytes = [certificate, blob, guid].map((value) =>
    value === undefined ? '-' : Buffer.from(value).toString('hex'),
  );
  return ['container', provider, reader, name, String(keySpec), ...bytes].join('\t');
}
