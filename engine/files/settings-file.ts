/** Files in which an organization settles something for all users of a machine, in a folder where only administrators write. */
import { type FileHandle, open } from 'node:fs/promises';
import * as v from 'valibot';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';
import { firstChangeable } from './file-trust.js';

const longestFile = 65_536;

export function settingsFile(
  name: 'config.json' | 'policy.json',
  system: NodeJS.Platform,
  environment: NodeJS.ProcessEnv,
): string {
  switch (system) {
    case 'win32':
      return `${environment.ProgramData ?? 'C:\\ProgramData'}\\CertProp\\${name}`;
    case 'darwin':
      return `/Library/Application Support/CertProp/${name}`;
    default:
      return `/etc/certprop/${name}`;
  }
}

/**
 * A file's settings, checked against their schema; null without a file. It is JSON of at most 64 KiB.
 * @param invalid the error for a file that can't be used, from the reason
 * @throws CertPropError ConfigurationNotTrusted for a file that others can change, else what `invalid` gives
 */
export async function readSettings<const S extends v.GenericSchema>(
  file: string,
  schema: S,
  invalid: (why: string) => CertPropError,
): Promise<v.InferOutput<S> | null> {
  const text = await readTrusted(file, invalid);
  return text === null ? null : parseSettings(text, schema, invalid);
}

async function readTrusted(file: string, invalid: (why: string) => CertPropError): Promise<string | null> {
  try {
    await requireTrusted(file);
    const handle = await open(file);
    try {
      return await readBounded(handle, invalid);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof CertPropError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw invalid(`it can't be read (${code})`);
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

async function readBounded(handle: FileHandle, invalid: (why: string) => CertPropError): Promise<string> {
  const buffer = Buffer.alloc(longestFile + 1);
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
  if (bytesRead > longestFile) throw invalid(`it is longer than ${longestFile} bytes`);
  return new TextDecoder().decode(buffer.subarray(0, bytesRead));
}

function parseSettings<const S extends v.GenericSchema>(
  text: string,
  schema: S,
  invalid: (why: string) => CertPropError,
): v.InferOutput<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('it is not JSON');
  }
  // An empty list would pass for an object without anything in it.
  if (Array.isArray(value)) throw invalid('it is a list');
  const checked = v.safeParse(schema, value, { abortEarly: true });
  if (checked.success) return checked.output;
  throw invalid(complaint(checked.issues[0]));
}

function complaint(issue: v.BaseIssue<unknown>): string {
  const place = visible(v.getDotPath(issue) ?? 'it');
  return issue.expected === 'never' ? `'${place}' is not known` : `'${place}' is not as expected`;
}
