/** PKCS #11's return values (PKCS #11 2.40, section 5.1; pkcs11t.h). */
import { hexCode } from '../text.js';

export const ok = 0;
export const attributeSensitive = 0x11;
export const attributeTypeInvalid = 0x12;
export const deviceRemoved = 0x32;
export const tokenNotPresent = 0xe0;
export const tokenNotRecognized = 0xe1;
export const bufferTooSmall = 0x150;

const names: ReadonlyMap<number, string> = new Map([
  [0x02, 'CKR_HOST_MEMORY'],
  [0x03, 'CKR_SLOT_ID_INVALID'],
  [0x05, 'CKR_GENERAL_ERROR'],
  [0x06, 'CKR_FUNCTION_FAILED'],
  [0x07, 'CKR_ARGUMENTS_BAD'],
  [0x09, 'CKR_NEED_TO_CREATE_THREADS'],
  [0x0a, 'CKR_CANT_LOCK'],
  [attributeSensitive, 'CKR_ATTRIBUTE_SENSITIVE'],
  [attributeTypeInvalid, 'CKR_ATTRIBUTE_TYPE_INVALID'],
  [0x13, 'CKR_ATTRIBUTE_VALUE_INVALID'],
  [0x30, 'CKR_DEVICE_ERROR'],
  [0x31, 'CKR_DEVICE_MEMORY'],
  [deviceRemoved, 'CKR_DEVICE_REMOVED'],
  [0x54, 'CKR_FUNCTION_NOT_SUPPORTED'],
  [0x82, 'CKR_OBJECT_HANDLE_INVALID'],
  [0x90, 'CKR_OPERATION_ACTIVE'],
  [0x91, 'CKR_OPERATION_NOT_INITIALIZED'],
  [0xb0, 'CKR_SESSION_CLOSED'],
  [0xb1, 'CKR_SESSION_COUNT'],
  [0xb3, 'CKR_SESSION_HANDLE_INVALID'],
  [tokenNotPresent, 'CKR_TOKEN_NOT_PRESENT'],
  [tokenNotRecognized, 'CKR_TOKEN_NOT_RECOGNIZED'],
  [0x101, 'CKR_USER_NOT_LOGGED_IN'],
  [bufferTooSmall, 'CKR_BUFFER_TOO_SMALL'],
  [0x190, 'CKR_CRYPTOKI_NOT_INITIALIZED'],
  [0x191, 'CKR_CRYPTOKI_ALREADY_INITIALIZED'],
]);

/** A return value as the field writes it: `CKR_DEVICE_ERROR, 0x00000030`; one that is in no table by its number alone. */
export function returnValueText(value: number): string {
  const name = names.get(value);
  return name === undefined ? hexCode(value, 8) : `${name}, ${hexCode(value, 8)}`;
}
