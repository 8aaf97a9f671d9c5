/** A module's functions as native code has them: pointers in, CK_RV out (PKCS #11 2.40, section 5; pkcs11f.h). */
import { ModuleError } from './module-error.js';
import {
  attributeStructure,
  functionListStructure,
  type Pkcs11Platform,
  slotInfoStructure,
  tokenInfoStructure,
} from './platform.js';

/** CK_ULONG: flags, lengths, and the handles of slots, sessions and objects. */
export type Ulong = number | bigint;

/** CK_ATTRIBUTE. */
export interface NativeAttribute {
  readonly type: number;
  readonly pValue: Uint8Array | null;
  ulValueLen: Ulong;
}

/** Part of CK_SLOT_INFO. */
export interface NativeSlotInfo {
  slotDescription: Uint8Array;
}

/** Part of CK_TOKEN_INFO. */
export interface NativeTokenInfo {
  label: Uint8Array;
  manufacturerID: Uint8Array;
  model: Uint8Array;
  serialNumber: Uint8Array;
  flags: Ulong;
}

/** Arrays and objects are filled by the call; an array's length is what has room in it. */
export interface NativeFunctions {
  C_Initialize(initializeArguments: null): number;
  C_Finalize(reserved: null): number;
  C_GetSlotList(tokenPresent: 0 | 1, slots: Ulong[] | null, count: [Ulong]): number;
  C_GetSlotInfo(slot: Ulong, info: NativeSlotInfo): number;
  C_GetTokenInfo(slot: Ulong, info: NativeTokenInfo): number;
  C_OpenSession(slot: Ulong, flags: number, application: null, notify: null, session: [Ulong]): number;
  C_CloseSession(session: Ulong): number;
  C_GetAttributeValue(session: Ulong, object: Ulong, attribute: NativeAttribute, count: 1): number;
  C_FindObjectsInit(session: Ulong, wanted: NativeAttribute, count: 1): number;
  C_FindObjects(session: Ulong, objects: Ulong[], most: number, count: [Ulong]): number;
  C_FindObjectsFinal(session: Ulong): number;
}

type Koffi = typeof import('koffi');
type Type = Parameters<Koffi['sizeof']>[0];
type NativeFunction = (...values: readonly unknown[]) => number;

/** CK_FUNCTION_LIST up to C_FindObjectsFinal. */
const functionCount = 29;

/**
 * Loads a module into this process and finds its functions.
 * @throws ModuleError
 */
export function loadFunctions(koffi: Koffi, platform: Pkcs11Platform, path: string): NativeFunctions {
  const { ulong } = platform;
  const out = (type: Type) => koffi.out(koffi.pointer(type));
  const outSlotInfo = out(slotInfoStructure(koffi, platform));
  const outTokenInfo = out(tokenInfoStructure(koffi, platform));
  const attribute = koffi.pointer(attributeStructure(koffi, platform));
  const inoutUlong = koffi.inout(koffi.pointer(ulong));

  const pointers = functionPointers(koffi, platform, path);
  /** @param position in CK_FUNCTION_LIST (pkcs11f.h) */
  const declare = (position: number, name: keyof NativeFunctions, parameters: Type[]): NativeFunction => {
    const pointer = pointers[position] ?? null;
    if (pointer === null) throw new ModuleError(`lacks the function ${name}`);
    const native = koffi.decode(pointer, koffi.proto(ulong, parameters)) as (...values: unknown[]) => Ulong;
    return (...values) => Number(native(...values));
  };

  return {
    C_Initialize: declare(0, 'C_Initialize', ['void *']),
    C_Finalize: declare(1, 'C_Finalize', ['void *']),
    C_GetSlotList: declare(4, 'C_GetSlotList', ['uint8', out(ulong), inoutUlong]),
    C_GetSlotInfo: declare(5, 'C_GetSlotInfo', [ulong, outSlotInfo]),
    C_GetTokenInfo: declare(6, 'C_GetTokenInfo', [ulong, outTokenInfo]),
    C_OpenSession: declare(12, 'C_OpenSession', [ulong, ulong, 'void *', 'void *', out(ulong)]),
    C_CloseSession: declare(13, 'C_CloseSession', [ulong]),
    C_GetAttributeValue: declare(24, 'C_GetAttributeValue', [ulong, ulong, koffi.inout(attribute), ulong]),
    C_FindObjectsInit: declare(26, 'C_FindObjectsInit', [ulong, attribute, ulong]),
    C_FindObjects: declare(27, 'C_FindObjects', [ulong, out(ulong), ulong, out(ulong)]),
    C_FindObjectsFinal: declare(28, 'C_FindObjectsFinal', [ulong]),
  };
}

/** C_GetFunctionList is the one function that a module has to export. */
function functionPointers(koffi: Koffi, platform: Pkcs11Platform, path: string): readonly (bigint | null)[] {
  const library = load(koffi, path);
  let getFunctionList: (list: [bigint | null]) => Ulong;
  try {
    getFunctionList = library.func('C_GetFunctionList', platform.ulong, [koffi.out('void **')]);
  } catch {
    throw new ModuleError('has no function C_GetFunctionList: it is no PKCS #11 module');
  }
  const list: [bigint | null] = [null];
  const returnValue = Number(getFunctionList(list));
  if (returnValue !== 0 || list[0] === null) throw ModuleError.ofFunction('C_GetFunctionList', returnValue);
  const { version, functions } = koffi.decode(
    list[0],
    functionListStructure(koffi, platform, functionCount),
  ) as { version: Uint8Array; functions: (bigint | null)[] };
  const [major = 0, minor = 0] = version;
  if (major !== 2 && major !== 3)
    throw new ModuleError(`speaks PKCS #11 ${major}.${minor}; CertProp knows 2 and 3`);
  return functions;
}

function load(koffi: Koffi, path: string): ReturnType<Koffi['load']> {
  try {
    return koffi.load(path);
  } catch (error) {
    throw new ModuleError(`could not be loaded (${error instanceof Error ? error.message : String(error)})`);
  }
}
