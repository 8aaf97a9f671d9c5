/**
 * An organization's default for all users of a machine: `{ "pkcs11Module": "<absolute path>" }` in a folder where only administrators
 * write. There is no configuration of a user's own.
 */
import { type FileHandle, open } from 'node:fs/promises';
import * as v from 'valibot';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';
import { firstChangeable } from './file-trust.js';
import { requireUsableModule } from './module-path.js';

const longestConfiguration = 65_536;
const longestPath = 32_767;

const configuration = v.strictObject({
  pkcs11Module: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(longestPath))),
});

export function configurationFile(system: NodeJS.Platform, environment: NodeJS.ProcessEnv): string {
  switch (system) {
    case 'win32':
      return `${environment.ProgramData ?? 'C:\\ProgramData'}\\CertProp\\config.json`;
    case 'darwin':
      return '/Library/Application Support/CertProp/config.json';
    default:
      return '/etc/certprop/config.json';
  }
}

/**
 * The module that the organization names, null without one. Whoever could change the configuration or the module could run code as
 * every user of the machine: both are refused then, also without administrator's rights.
 * @throws CertPropError ConfigurationInvalid, ConfigurationNotTrusted, Pkcs11ModuleNotFound, Pkcs11ModuleNotTrusted
 */
export async function defaultPkcs11Module(
  file = configurationFile(process.platform, process.env),
): Promise<string | null> {
  const text = await readConfiguration(file);
  if (text === null) return null;
  const { pkcs11Module } = parseConfiguration(file, text);
  return pkcs11Module === undefined ? null : requireUsableModule(pkcs11Module, { always: true });
}

/** Null without a file. @throws CertPropError ConfigurationInvalid, ConfigurationNotTrusted */
async function readConfiguration(file: string): Promise<string | null> {
  try {
    await requireTrusted(file);
    const handle = await open(file);
    try {
      return await readBounded(file, handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof CertPropError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw invalid(file, `it can't be read (${code})`);
  }
}

async function requireTrusted(file: string): Promise<void> {
  const changeable = await firstChangeable(file);
  if (changeable === null) return;
  throw new CertPropError(
    'ConfigurationNotTrusted',
    `CertProp doesn't use the configuration ${visible(file)}: others can change ${visible(changeable)}. ` +
      'Let only administrators (root) write there.',
    { file },
  );
}

async function readBounded(file: string, handle: FileHandle): Promise<string> {
  const buffer = Buffer.alloc(longestConfiguration + 1);
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
  if (bytesRead > longestConfiguration)
    throw invalid(file, `it is longer than ${longestConfiguration} bytes`);
  return new TextDecoder().decode(buffer.subarray(0, bytesRead));
}

function parseConfiguration(file: string, text: string): v.InferOutput<typeof configuration> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(file, 'it is not JSON');
  }
  const checked = v.safeParse(configuration, value);
  if (checked.success) return checked.output;
  const [issue] = checked.issues;
  throw invalid(file, `'${visible(v.getDotPath(issue) ?? 'it')}' is not as expected`);
}

function invalid(file: string, why: string): CertPropError {
  return new CertPropError(
    'ConfigurationInvalid',
    `The configuration ${visible(file)} can't be used: ${why}. It should be { "pkcs11Module": "<absolute path>" }; correct or remove it.`,
    { file },
  );
}
