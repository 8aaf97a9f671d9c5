/** Policies on Windows: values in HKEY_LOCAL_MACHINE, where only administrators write. */
import { CertPropError } from '../errors.js';
import { hexCode } from '../text.js';
import { definitions, policyNames, type PolicyName } from './policies.js';
import type { GivenValue, PolicySource } from './policy.js';

/** What RegGetValueW (winreg.h) says of a value that should be a REG_DWORD. */
export interface RegistryAnswer {
  /** A Windows error code (winerror.h), 0 for success. */
  readonly code: number;
  /** The type of what is there (winnt.h, REG_…). */
  readonly type: number;
  /** With success: the unsigned 32-bit number. */
  readonly value: number;
}

/** @param key below HKEY_LOCAL_MACHINE */
export type AskRegistry = (key: string, name: string) => RegistryAnswer;

/** winerror.h. */
const ERROR_SUCCESS = 0;
const ERROR_FILE_NOT_FOUND = 2;
const ERROR_INVALID_DATA = 13;
const ERROR_MORE_DATA = 234;
const ERROR_UNSUPPORTED_TYPE = 1630;
/** A value of another type, or a REG_DWORD that is not four bytes long. */
const notNumber: readonly number[] = [ERROR_INVALID_DATA, ERROR_MORE_DATA, ERROR_UNSUPPORTED_TYPE];

/** winnt.h, by number. */
const typeNames: readonly string[] = [
  ...['REG_NONE', 'REG_SZ', 'REG_EXPAND_SZ', 'REG_BINARY', 'REG_DWORD', 'REG_DWORD_BIG_ENDIAN', 'REG_LINK'],
  ...['REG_MULTI_SZ', 'REG_RESOURCE_LIST', 'REG_FULL_RESOURCE_DESCRIPTOR'],
  ...['REG_RESOURCE_REQUIREMENTS_LIST', 'REG_QWORD'],
];

export function registryPolicies(connect: () => Promise<AskRegistry>): PolicySource {
  return {
    async read() {
      const ask = await connect();
      const given = new Map<PolicyName, GivenValue>();
      for (const name of policyNames) {
        const { key } = definitions[name];
        const value = givenValue(name, key, ask(key, name));
        if (value !== null) given.set(name, value);
      }
      return { place: { kind: 'Registry' }, given };
    },
  };
}

/** Null for a value that is not there. @throws CertPropError PolicyNotReadable */
function givenValue(name: string, key: string, { code, type, value }: RegistryAnswer): GivenValue | null {
  if (code === ERROR_SUCCESS) return value;
  if (code === ERROR_FILE_NOT_FOUND) return null;
  if (notNumber.includes(code)) return { type: typeNames[type] ?? String(type) };
  const file = `HKLM\\${key}`;
  throw new CertPropError(
    'PolicyNotReadable',
    `The policy ${name} in ${file} can't be read (${hexCode(code, 8)}), so it is not known what it forbids. ` +
      'Let users read the key, as they can by default, before certificates are propagated.',
    { file, hresult: code },
  );
}
