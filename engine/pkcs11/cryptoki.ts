/**
 * The PKCS #11 functions that CertProp uses, checked and bounded (PKCS #11 2.40, section 5). None of them needs a login.
 *
 * All calls block, and a module may do anything to the process that it is loaded into: only the helper process loads one.
 */
import { ModuleError } from './module-error.js';
import { loadFunctions, type NativeAttribute, type NativeFunctions, type Ulong } from './native.js';
import { pkcs11Platform } from './platform.js';
import * as returnValues from './return-values.js';

/** CK_SLOT_ID, CK_SESSION_HANDLE or CK_OBJECT_HANDLE. */
export type Handle = Ulong;

/** CK_OBJECT_CLASS (pkcs11t.h). */
export const objectClass = { certificate: 1, publicKey: 2, privateKey: 3 } as const;
export type ObjectClass = (typeof objectClass)[keyof typeof objectClass];

/** CK_ATTRIBUTE_TYPE (pkcs11t.h). */
export const attributeType = { class: 0, label: 0x3, value: 0x11, certificateType: 0x80, id: 0x102 } as const;
export type AttributeType = (typeof attributeType)[keyof typeof attributeType];

export interface TokenInfo {
  readonly label: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly serialNumber: string;
  /** CKF_TOKEN_INITIALIZED. */
  readonly initialized: boolean;
}

/** Every function throws ModuleError. */
export interface Cryptoki {
  initialize(): void;
  finalize(): void;
  slotsWithToken(): readonly Handle[];
  slotDescription(slot: Handle): string;
  tokenInfo(slot: Handle): TokenInfo;
  /** A read-only session. */
  openSession(slot: Handle): Handle;
  closeSession(session: Handle): void;
  /** @param most more objects than that are an error */
  findObjects(session: Handle, wanted: ObjectClass, most: number): readonly Handle[];
  /**
   * An attribute's value; null if the object has none or doesn't show it.
   * @param longest a longer value is an error
   */
  attribute(session: Handle, object: Handle, type: AttributeType, longest: number): Uint8Array | null;
}

const tokenInitialized = 0x400n;
const serialSession = 4;
const mostSlots = 256;
/** How many handles are asked for at once. */
const batch = 64;

/**
 * Loads a module into this process; doesn't initialize it.
 * @param path absolute
 * @throws ModuleError
 */
export async function loadCryptoki(path: string): Promise<Cryptoki> {
  const koffi = await import('koffi');
  const platform = pkcs11Platform(process.platform, process.arch);
  return cryptoki(loadFunctions(koffi, platform, path), koffi.sizeof(platform.ulong));
}

/** @param ulongSize CK_ULONG's, in bytes */
function cryptoki(native: NativeFunctions, ulongSize: number): Cryptoki {
  /** CK_UNAVAILABLE_INFORMATION: there is no such value, or it isn't shown. */
  const unavailable = BigInt.asUintN(8 * ulongSize, -1n);

  /** The slots with a token: fills the array, or only counts them; how many there are. */
  function listSlots(slots: Handle[] | null): number {
    const count: [Ulong] = [slots?.length ?? 0];
    check('C_GetSlotList', native.C_GetSlotList(1, slots, count));
    if (count[0] > mostSlots)
      throw new ModuleError(`claims ${count[0]} slots; at most ${mostSlots} are read`);
    return Number(count[0]);
  }

  function nextObjects(session: Handle): readonly Handle[] {
    const found = new Array<Handle>(batch).fill(0);
    const count: [Ulong] = [0];
    check('C_FindObjects', native.C_FindObjects(session, found, batch, count));
    if (count[0] > batch) throw new ModuleError(`found ${count[0]} objects when asked for ${batch}`);
    return found.slice(0, Number(count[0]));
  }

  /** The length that a call left in the attribute, null for none. */
  function attributeLength(session: Handle, object: Handle, attribute: NativeAttribute, longest: number) {
    const returnValue = native.C_GetAttributeValue(session, object, attribute, 1);
    if (isWithoutValue(returnValue)) return null;
    check('C_GetAttributeValue', returnValue);
    const length = attribute.ulValueLen;
    if (BigInt(length) === unavailable) return null;
    if (length > longest)
      throw new ModuleError(`claims a value of ${length} bytes; at most ${longest} are read`);
    return Number(length);
  }

  return {
    initialize() {
      // No arguments: all calls come from one thread.
      check('C_Initialize', native.C_Initialize(null));
    },

    finalize() {
      check('C_Finalize', native.C_Finalize(null));
    },

    slotsWithToken() {
      if (listSlots(null) === 0) return [];
      // Room for all that may be, because a card can be inserted between the two calls.
      const slots = new Array<Handle>(mostSlots).fill(0);
      return slots.slice(0, listSlots(slots));
    },

    slotDescription(slot) {
      const info = { slotDescription: new Uint8Array() };
      check('C_GetSlotInfo', native.C_GetSlotInfo(slot, info));
      return paddedText(info.slotDescription);
    },

    tokenInfo(slot) {
      const none = new Uint8Array();
      const info = { label: none, manufacturerID: none, model: none, serialNumber: none, flags: 0 };
      check('C_GetTokenInfo', native.C_GetTokenInfo(slot, info));
      return {
        label: paddedText(info.label),
        manufacturer: paddedText(info.manufacturerID),
        model: paddedText(info.model),
        serialNumber: paddedText(info.serialNumber),
        initialized: (BigInt(info.flags) & tokenInitialized) !== 0n,
      };
    },

    openSession(slot) {
      const session: [Handle] = [0];
      check('C_OpenSession', native.C_OpenSession(slot, serialSession, null, null, session));
      return session[0];
    },

    closeSession(session) {
      check('C_CloseSession', native.C_CloseSession(session));
    },

    findObjects(session, wanted, most) {
      const value = Buffer.alloc(ulongSize);
      value.writeUInt32LE(wanted);
      const template = { type: attributeType.class, pValue: value, ulValueLen: ulongSize };
      check('C_FindObjectsInit', native.C_FindObjectsInit(session, template, 1));
      try {
        const all: Handle[] = [];
        for (;;) {
          const found = nextObjects(session);
          if (found.length === 0) return all;
          all.push(...found);
          if (all.length > most) throw new ModuleError(`claims more than ${most} objects of a kind`);
        }
      } finally {
        native.C_FindObjectsFinal(session);
      }
    },

    attribute(session, object, type, longest) {
      const size = attributeLength(session, object, { type, pValue: null, ulValueLen: 0 }, longest);
      if (size === null || size === 0) return size === null ? null : new Uint8Array();
      const value = Buffer.alloc(size);
      const length = attributeLength(session, object, { type, pValue: value, ulValueLen: size }, size);
      return length === null ? null : value.subarray(0, length);
    },
  };
}

function check(name: keyof NativeFunctions, returnValue: number): void {
  if (returnValue !== returnValues.ok) throw ModuleError.ofFunction(name, returnValue);
}

function isWithoutValue(returnValue: number): boolean {
  return returnValue === returnValues.attributeSensitive || returnValue === returnValues.attributeTypeInvalid;
}

/** UTF-8 padded with spaces (PKCS #11 2.40, section 3.1); some modules end it with a zero byte instead. */
function paddedText(bytes: Uint8Array): string {
  const [text = ''] = new TextDecoder().decode(bytes).split('\0');
  return text.trimEnd();
}
