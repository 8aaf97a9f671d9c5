/** An organization's default for all users of a machine: `{ "pkcs11Module": "<absolute path>" }`. There is no configuration of a user's own. */
import * as v from 'valibot';
import { CertPropError } from '../errors.js';
import { readSettings, settingsFile } from '../files/settings-file.js';
import { visible } from '../text.js';
import { requireUsableModule } from './module-path.js';

const longestPath = 32_767;

const configuration = v.strictObject({
  pkcs11Module: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(longestPath))),
});

/**
 * The module that the organization names, null without one. Whoever could change the configuration or the module could run code as
 * every user of the machine: both are refused then, also without administrator's rights.
 * @throws CertPropError ConfigurationInvalid, ConfigurationNotTrusted, Pkcs11ModuleNotFound, Pkcs11ModuleNotTrusted
 */
export async function defaultPkcs11Module(
  file = settingsFile('config.json', process.platform, process.env),
): Promise<string | null> {
  const settings = await readSettings(file, configuration, (why) => invalid(file, why));
  const pkcs11Module = settings?.pkcs11Module;
  return pkcs11Module === undefined ? null : requireUsableModule(pkcs11Module, { always: true });
}

function invalid(file: string, why: string): CertPropError {
  return new CertPropError(
    'ConfigurationInvalid',
    `The configuration ${visible(file)} can't be used: ${why}. It should be { "pkcs11Module": "<absolute path>" }; correct or remove it.`,
    { file },
  );
}
