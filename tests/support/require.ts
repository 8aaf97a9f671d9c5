/**
 * The `skip` value of a test that needs a part of the machine: false to run it, else the reason to skip it.
 * A part named in CERTPROP_REQUIRE (comma-separated) is never skipped: its absence is an error.
 */
export type Part =
  | 'pcscd'
  | 'opensc'
  | 'openssl'
  | 'pwsh'
  | 'dotnet'
  | 'dotnet-win-x64'
  | 'gcc'
  | 'gnupg'
  | 'mingw'
  | 'npm-registry'
  | 'osslsigncode'
  | 'softhsm'
  | 'strace'
  | 'wine'
  | 'yubico-piv-tool';

/** @param install what to install, as one types it */
export function requirePart(part: Part, available: boolean, install: string): string | false {
  if (available) return false;
  const reason = `${part} is missing: ${install}`;
  const required = (process.env.CERTPROP_REQUIRE ?? '').split(',').map((name) => name.trim());
  if (required.includes(part)) throw new Error(`${reason} (CERTPROP_REQUIRE names it)`);
  return reason;
}
