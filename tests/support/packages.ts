/** Packages as `npm run package` makes them. */
import { fetchPackage } from '../../build/package/fetch.js';
import { nativeKoffiName } from '../../build/koffi.js';
import { lockedPin } from '../../build/package/pins.js';
import { findProgram } from '../../build/run.js';
import { requirePart } from './require.js';

/** The `skip` value of tests that fetch what isn't installed. */
export async function skipWithoutRegistry(): Promise<string | false> {
  const small = lockedPin(nativeKoffiName('win32-x64'));
  const available = await fetchPackage(small).then(
    () => true,
    () => false,
  );
  return requirePart('npm-registry', available, 'a connection to the registry that npm is configured with');
}

/** The `skip` value of tests that verify Authenticode signatures. */
export function skipWithoutOsslsigncode(): string | false {
  return requirePart('osslsigncode', findProgram('osslsigncode') !== null, 'apt-get install osslsigncode');
}
