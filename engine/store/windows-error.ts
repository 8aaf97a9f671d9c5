/** What Windows answers when it refuses a store, as the product's errors. */
import { CertPropError, type ErrorId } from '../errors.js';
import { hexCode, visible } from '../text.js';
import type { StoreLocation } from './place.js';

/** A store of Windows: its location and name. */
export interface StoreIdentity {
  readonly location: StoreLocation;
  readonly name: string;
}

/** winerror.h. */
const ERROR_FILE_NOT_FOUND = 2;
const ERROR_PATH_NOT_FOUND = 3;
const ERROR_ACCESS_DENIED = 5;
const ERROR_SHARING_VIOLATION = 32;
const ERROR_LOCK_VIOLATION = 33;
const ERROR_CANCELLED = 1223;
const ERROR_PRIVILEGE_NOT_HELD = 1314;
const NTE_PERM = 0x8009_0010;
/** FACILITY_WIN32: what HRESULT_FROM_WIN32 puts before such a code. */
const facilityWin32 = 0x8007_0000;

/**
 * The error for a failed call.
 * @param action what could not be done, as in `could not be opened`
 * @param code as GetLastError gives it
 */
export function storeFailure(
  store: StoreIdentity,
  action: 'opened' | 'read' | 'changed',
  code: number,
  thumbprint?: string,
): CertPropError {
  const [id, reason] = reasonOf(store, code);
  const details = { hresult: toHresult(code), ...(thumbprint === undefined ? {} : { thumbprint }) };
  const entry = thumbprint === undefined ? '' : ` (certificate ${thumbprint})`;
  return new CertPropError(
    id,
    `The store ${shown(store)} could not be ${action}${entry}: ${reason}`,
    details,
  );
}

export function storeNotFound(store: StoreIdentity): CertPropError {
  return new CertPropError(
    'StoreNotFound',
    `There is no store ${shown(store)}. Check its name; a new store is not made of a name that Windows does not know.`,
    { hresult: toHresult(ERROR_FILE_NOT_FOUND) },
  );
}

/** `CurrentUser\My` */
export function shown({ location, name }: StoreIdentity): string {
  return `${location}\\${visible(name)}`;
}

export function isMissing(code: number): boolean {
  return [ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND].includes(toWin32(code));
}

export function isDenied(code: number): boolean {
  return [ERROR_ACCESS_DENIED, ERROR_PRIVILEGE_NOT_HELD, NTE_PERM].includes(toWin32(code));
}

function reasonOf({ location }: StoreIdentity, code: number): readonly [ErrorId, string] {
  if (isDenied(code)) return ['StoreAccessDenied', `access denied. ${adviceFor[location]}`];
  switch (toWin32(code)) {
    case ERROR_CANCELLED:
      return [
        'StoreAccessDenied',
        "Windows' question was answered with No, or closed. Run it again and agree.",
      ];
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
      return ['StoreLocked', 'another program holds it. Run it again.'];
    default:
      return [
        'StoreUnavailable',
        `Windows answers ${hexCode(toHresult(code), 8)}. Look that number up, and run it again.`,
      ];
  }
}

const adviceFor: Readonly<Record<StoreLocation, string>> = {
  CurrentUser: "Run as the store's owner; a policy may keep it from being changed.",
  LocalMachine: 'Run as an administrator, elevated.',
};

function toHresult(code: number): number {
  return code > 0 && code <= 0xffff ? (facilityWin32 | code) >>> 0 : code;
}

function toWin32(code: number): number {
  return (code & 0xffff_0000) >>> 0 === facilityWin32 ? code & 0xffff : code;
}
