/**
 * The protocol between the PowerShell module and the engine: every method, its parameters, results and errors.
 *
 * JSON-RPC 2.0 over standard input and output with the Language Server Protocol's framing (`Content-Length`), ASCII only.
 * Long work streams what it finds as `$/progress` notifications that carry the request's `progressToken`;
 * `$/cancelRequest` stops it. No message is larger than 1 MiB. Times are milliseconds since 1970-01-01T00:00:00Z.
 * Errors: -32602 InvalidParams with `data.field`; -32000 with `data` = ErrorData for every error of the product.
 */
import * as v from 'valibot';
import type { CardFamily, KeySpec } from '../card/card.js';
import type { ErrorDetails, ErrorId } from '../errors.js';
import type { Finding } from '../diagnosis/finding.js';
import type { ReaderChange, ReaderStatus } from '../pcsc/reader.js';
import type { PolicyName, Settings } from '../policy/policies.js';
import type { CacheState } from '../propagation/cached-items.js';
import type { CardDraft, Credential } from '../propagation/card-change.js';
import type { CardCacheCounter, CounterName } from '../propagation/counters.js';
import type { Evidence } from '../propagation/evidence.js';
import type { PropagatedCertificate, StoreAddress } from '../propagation/inventory.js';
import type { Scope } from '../propagation/placement.js';
import type { KeyProvider } from '../propagation/plan.js';
import type { PropagationResult } from '../propagation/result.js';
import type { StoreLocation } from '../store/place.js';

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const texts = v.pipe(v.array(text), v.minLength(1), v.maxLength(4096));
const thumbprint = v.pipe(v.string(), v.regex(/^[0-9A-F]{40}$/u, 'must be 40 upper-case hex digits'));
const uint16 = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff));
const byte = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xff));

/** What every request that streams carries. `trace`: `Verbose` says what is read from which card, `Debug` adds each APDU. */
const streaming = {
  progressToken: v.pipe(v.number(), v.integer()),
  trace: v.picklist(['None', 'Verbose', 'Debug']),
};

const keyProvider = v.picklist(['Auto', 'CSP', 'KSP'] satisfies readonly KeyProvider[]);

/** Points to a certificate on a card, or with a null thumbprint to all of them; with a null card id to whatever card is in the reader. */
const target = v.strictObject({
  readerName: text,
  cardId: v.nullable(text),
  thumbprint: v.nullable(thumbprint),
});

const storeLocation = v.picklist(['CurrentUser', 'LocalMachine'] satisfies readonly StoreLocation[]);

const storePlaces = [
  v.strictObject({ kind: v.literal('Folder'), path: text }),
  v.strictObject({ kind: v.literal('System'), location: storeLocation }),
  v.strictObject({ kind: v.literal('DotNet'), location: storeLocation }),
] as const;

const store = { storePlace: v.variant('kind', storePlaces), storeName: text };

/** The stores that are looked through: those of one place, or of users' profiles. */
const stores = {
  storePlace: v.variant('kind', [
    ...storePlaces,
    /** Full paths of profile roots, with wildcards. */
    v.strictObject({ kind: v.literal('Profiles'), paths: texts }),
    /** Those that Windows lists; elsewhere ProfilesUnavailable. */
    v.strictObject({ kind: v.literal('AllProfiles') }),
  ]),
  storeNames: texts,
};

/** Which stored certificates are meant; each that is neither null nor false narrows the selection. */
const selecting = {
  thumbprints: v.nullable(v.array(thumbprint)),
  subjects: v.nullable(texts),
  issuers: v.nullable(texts),
  serialNumbers: v.nullable(texts),
  /** Ids that CertProp's marks name, with wildcards. */
  cardIds: v.nullable(texts),
  readers: v.nullable(texts),
  /** ReadersNotReadable unless all cards could be read, ReadersNotVisible for a profile whose user has other readers than these. */
  notOnCard: v.boolean(),
  expired: v.boolean(),
  evidence: v.nullable(v.picklist(['Mark', 'KeyLink'] satisfies readonly Evidence[])),
  /** The UPN is not the profile's user. */
  foreignUser: v.boolean(),
  /** Marked longer ago than so many milliseconds. */
  olderThan: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))),
  pkcs11Module: v.nullable(text),
};

/** How cards are read. */
const reading = {
  /** Looks into every slot of a card, also where its directory promises nothing. */
  allSlots: v.boolean(),
  /** A full path: this PKCS #11 module's tokens are read too; null: the organisation's module, if one is set. */
  pkcs11Module: v.nullable(text),
};

/** What is propagated, and how. */
const propagating = {
  keyProvider,
  /** Also where policy forbids it: ElevationRequired without an administrator's (root's) rights. */
  ignorePolicy: v.boolean(),
  /** Certificates whose key is not in their container on the card are stored without a link; otherwise they are left out. */
  allowUnlinked: v.boolean(),
  /** Certificates of intermediate authorities go to the store CA; otherwise they are left out. */
  includeIntermediate: v.boolean(),
  /** Also in a remote session, whose profile keeps what is propagated. */
  includeRemote: v.boolean(),
  /** Whose certificates the store takes; null: a user's, and a computer's where it is the machine's. */
  scope: v.nullable(v.picklist(['User', 'Computer', 'Any'] satisfies readonly Scope[])),
};

/** The bytes of a secret (ASCII); the engine zeroes them after use. */
const secret = v.pipe(v.array(byte), v.minLength(1), v.maxLength(127));

/** A change to the certificates on one card. */
const changingCard = {
  ...streaming,
  readerName: text,
  /** The card that was seen before: another one in the reader is CardChanged. Null: whatever card is there. */
  cardId: v.nullable(text),
  /** What opens the card for writing; null: the change is only planned. A management key is in hex digits. */
  credential: v.nullable(
    v.variant('kind', [
      v.strictObject({ kind: v.literal('Pin'), bytes: secret }),
      v.strictObject({ kind: v.literal('ManagementKey'), bytes: secret }),
      v.strictObject({ kind: v.literal('ManagementKeyFile'), path: text }),
    ]),
  ),
  /** Where a certificate is kept that the card loses, a full path; null: the default folder of backups. */
  backupFolder: v.nullable(text),
};

/** The parameters of each method. Reader names and subjects may hold PowerShell wildcards; a name that fits literally comes first. */
export const parameters = {
  'engine/info': v.strictObject({}),
  'reader/list': v.strictObject({}),
  'card/list': v.strictObject({ ...streaming, readers: v.nullable(texts) }),
  'certificate/list': v.strictObject({
    ...streaming,
    readers: v.nullable(texts),
    thumbprints: v.nullable(v.array(thumbprint)),
    roots: v.boolean(),
    ...reading,
  }),
  'propagation/plan': v.strictObject({
    ...streaming,
    readers: v.nullable(texts),
    targets: v.nullable(v.pipe(v.array(target), v.maxLength(65536))),
    ...store,
    ...reading,
    ...propagating,
    /** Full paths: folders that hold SystemCertificates, or .sst files, whose enrollment requests are filed. */
    sourcePaths: v.nullable(texts),
    /** The container of the one certificate whose card names none; null: such certificates are stored without a key link. */
    keyContainer: v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(260))),
  }),
  'inventory/list': v.strictObject({
    ...streaming,
    ...stores,
    ...selecting,
    /** Streams one summary for each place or profile instead of its certificates. */
    summary: v.boolean(),
  }),
  'removal/plan': v.strictObject({
    ...streaming,
    ...stores,
    ...selecting,
    /** The thumbprints were typed by a person: such a certificate goes even if nothing shows that it came from a card. */
    named: v.boolean(),
    /** Of the smart card roots that belong to the place instead of the stores named: SmartCardRoot, the machine's for System. */
    roots: v.boolean(),
    /** Where what is removed is kept before; null: nowhere. */
    backup: v.nullable(
      v.strictObject({
        /** A full path; null: the default. Each run has a folder in it. */
        folder: v.nullable(text),
        /** Plans with the same value are one run. */
        run: text,
      }),
    ),
  }),
  'restoration/plan': v.strictObject({
    ...streaming,
    /** Where the places in the backup are looked for. */
    storePlace: stores.storePlace,
    /** The folder of one run, a full path. */
    backupPath: text,
    thumbprints: v.nullable(v.array(thumbprint)),
  }),
  'watch/run': v.strictObject({
    ...streaming,
    readers: v.nullable(texts),
    ...store,
    ...reading,
    ...propagating,
    /** Takes certificates with CertProp's mark back when their card is removed. */
    removeOnCardRemoval: v.boolean(),
    /** Nothing is written; the results are plans. */
    whatIf: v.boolean(),
    /** Ends after so long; null: only with `$/cancelRequest`. A timer holds 31 bits. */
    milliseconds: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0x7fff_ffff))),
  }),
  'propagation/test': v.strictObject({
    ...streaming,
    readers: v.nullable(texts),
    ...store,
    pkcs11Module: reading.pkcs11Module,
    /** The full path of a Remote Desktop file that is looked at; null: that of the user's own settings, on Windows. */
    rdpFile: v.nullable(text),
  }),
  'plan/apply': v.strictObject({
    ...streaming,
    planId: v.pipe(v.number(), v.integer()),
    /** Which of the plan's results to carry out. */
    indexes: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
  }),
  'plan/discard': v.strictObject({ planId: v.pipe(v.number(), v.integer()) }),
  'policy/read': v.strictObject({ ...streaming }),
  'counter/read': v.strictObject({ ...streaming, readers: texts }),
  'counter/write': v.strictObject({
    ...streaming,
    readerName: text,
    /** The card that was read before: another one in the reader is CardChanged. */
    cardId: text,
    increment: v.array(v.picklist(['Container', 'File'] satisfies readonly CounterName[])),
    containersFreshness: v.nullable(uint16),
    filesFreshness: v.nullable(uint16),
    pin: secret,
    force: v.boolean(),
  }),
  'card/add-certificate': v.strictObject({
    ...changingCard,
    certificate: v.variant('kind', [
      v.strictObject({ kind: v.literal('File'), path: text }),
      /** DER in base64. */
      v.strictObject({ kind: v.literal('Data'), data: v.pipe(v.string(), v.base64(), v.maxLength(90_000)) }),
    ]),
    target: v.variant('kind', [
      v.strictObject({ kind: v.literal('Root') }),
      v.strictObject({
        kind: v.literal('Key'),
        container: v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(260))),
        keySpec: v.nullable(v.picklist(['KeyExchange', 'Signature'] satisfies readonly KeySpec[])),
        /** Only for a container that is named. */
        force: v.boolean(),
      }),
    ]),
  }),
  'card/remove-certificate': v.strictObject({ ...changingCard, thumbprint }),
  /** Windows only. Asking can delete what is asked for (Stale), so the readers have to be named. */
  'cache/read': v.strictObject({ ...streaming, readers: texts }),
} as const;

export type Method = keyof typeof parameters;
export type Parameters<M extends Method> = v.InferOutput<(typeof parameters)[M]>;
export type CardTarget = v.InferOutput<typeof target>;
export type StoresPlace = Parameters<'inventory/list'>['storePlace'];
export type Trace = Parameters<'certificate/list'>['trace'];

/** The final answer of each method. */
export interface Results {
  'engine/info': EngineInfo;
  'reader/list': { readonly readers: readonly ReaderDescription[] };
  /** `count`: how many were streamed. */
  'card/list': { readonly count: number };
  'certificate/list': { readonly count: number };
  /**
   * A plan is kept until it is applied or discarded, or another one is made. Its results are streamed with `planned`. Policy is read
   * once, when the plan is made; applying doesn't ask again.
   */
  'propagation/plan': { readonly planId: number; readonly count: number };
  /** `count`: how many certificates or summaries were streamed. */
  'inventory/list': { readonly count: number };
  'removal/plan': { readonly planId: number; readonly count: number };
  'restoration/plan': { readonly planId: number; readonly count: number };
  /** `count`: how many findings were streamed, of each check at least one. */
  'propagation/test': { readonly count: number };
  /** `count`: how many results were streamed. */
  'watch/run': { readonly count: number };
  'plan/apply': { readonly count: number };
  'plan/discard': Record<string, never>;
  /** All policies. A value that means nothing is streamed as a warning. */
  'policy/read': { readonly policies: readonly PolicyDescription[] };
  'counter/read': { readonly counters: readonly CardCacheCounter[] };
  'counter/write': CardCacheCounter;
  'card/add-certificate': CardCertificateChange;
  'card/remove-certificate': CardCertificateChange;
  'cache/read': { readonly count: number };
}

export interface EngineInfo {
  readonly version: string;
  readonly nodeVersion: string;
  readonly processId: number;
}

export interface ReaderDescription {
  readonly readerName: string;
  readonly status: ReaderStatus;
  readonly atr: string | null;
}

/** CertProp.Policy. All text is safe to show. */
export interface PolicyDescription {
  readonly name: PolicyName;
  /** As it is set; a registry type's name (`REG_SZ`) where that is not REG_DWORD; null: not configured. */
  readonly value: number | string | null;
  readonly effective: Settings[PolicyName];
  /** What the effective setting comes from. */
  readonly source: 'Default' | 'Registry' | 'File';
  /** The registry key or the file in which it is set, or would be. */
  readonly path: string;
  readonly description: string;
}

/** CertProp.SmartCard: a reader and the card in it, null where it has none or does not say. All text is safe to show. */
export interface SmartCard {
  readonly readerName: string;
  readonly state: ReaderStatus;
  readonly atr: string | null;
  /** The families of the card's applications. */
  readonly families: readonly CardFamily[];
  /** Of the first application. */
  readonly cardId: string | null;
  readonly label: string | null;
  readonly serialNumber: string | null;
  readonly pinsFreshness: number | null;
  readonly containersFreshness: number | null;
  readonly filesFreshness: number | null;
  /** Null where the card could not be read. */
  readonly certificateCount: number | null;
}

/** CertProp.CardCertificate. All text is safe to show. */
export interface CardCertificate {
  readonly thumbprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly upn: string | null;
  readonly keyAlgorithm: string;
  readonly readerName: string;
  readonly cardId: string;
  readonly cardFamily: CardFamily;
  readonly container: string | null;
  readonly keySpec: KeySpec | null;
  readonly fileName: string;
  /** The container's index on a GIDS card, in decimal. */
  readonly slot: string | null;
  readonly isDefault: boolean;
  readonly isRoot: boolean;
  /** DER in base64. */
  readonly rawData: string;
}

/** CertProp.CardCertificateChange: what was or would be done to a card. All text is safe to show. */
export interface CardCertificateChange {
  readonly readerName: string;
  readonly cardId: string;
  readonly cardFamily: CardFamily;
  readonly action: CardDraft['action'];
  readonly planned: boolean;
  readonly thumbprint: string;
  readonly subject: string;
  readonly serialNumber: string;
  readonly fileName: string;
  readonly container: string | null;
  readonly keySpec: KeySpec | null;
  readonly slot: string | null;
  readonly isRoot: boolean;
  /** Of the certificate that was in its place. */
  readonly replacedThumbprint: string | null;
  /** After the change; null for families that have no counters. */
  readonly containersFreshness: number | null;
  readonly filesFreshness: number | null;
  readonly previousContainersFreshness: number | null;
  readonly previousFilesFreshness: number | null;
  /** The file that holds the certificate that the card has lost. */
  readonly backupPath: string | null;
  /** What opens the card for this change; null where nothing has to be written. */
  readonly credential: Credential['kind'] | null;
}

/** CertProp.PropagatedSummary: what the stores of one place or profile hold of cards. All text is safe to show. */
export interface PropagatedSummary extends Omit<StoreAddress, 'storeName'> {
  /** All that could be read. */
  readonly certificates: number;
  /** Of these, those that came from cards and are selected; the next ones are among them. */
  readonly fromCards: number;
  readonly expired: number;
  readonly foreignUser: number;
  /** Null where not every card of the stores' owner can be seen and read. */
  readonly onCard: number | null;
  /** Entries and stores that could not be read; each was told. */
  readonly problems: number;
}

/** CertProp.CardCacheItem: an item of Windows' cache of a card, compared with the card. All text is safe to show. */
export interface CardCacheItem {
  readonly readerName: string;
  readonly cardId: string;
  /** As SCardReadCacheW knows it. */
  readonly name: string;
  readonly state: CacheState;
  /** The counter of the card that the item was asked for with. */
  readonly freshness: number;
  /** In bytes, null where Windows gave no copy. */
  readonly length: number | null;
  readonly detail: string;
}

/** `data` of a JSON-RPC error, and the error of a streamed event. */
export interface ErrorData extends ErrorDetails {
  readonly id: ErrorId;
  readonly message: string;
}

/** What `$/progress` carries besides the token. */
export type StreamEvent =
  | { readonly kind: 'certificate'; readonly certificate: CardCertificate }
  | { readonly kind: 'card'; readonly card: SmartCard }
  | { readonly kind: 'propagated'; readonly certificate: PropagatedCertificate }
  | { readonly kind: 'summary'; readonly summary: PropagatedSummary }
  | { readonly kind: 'cacheItem'; readonly item: CardCacheItem }
  | { readonly kind: 'check'; readonly check: Finding }
  | { readonly kind: 'result'; readonly index: number; readonly result: PropagationResult }
  /** A card came into a reader, or left it. */
  | { readonly kind: 'change'; readonly change: ReaderChange['kind']; readonly readerName: string }
  /** One reader, card or certificate failed; the others go on. */
  | { readonly kind: 'error'; readonly error: ErrorData }
  | { readonly kind: 'warning'; readonly error: ErrorData }
  | { readonly kind: 'verbose'; readonly message: string }
  | { readonly kind: 'debug'; readonly message: string }
  | ProgressEvent;

/** `done` and `total` are the same at the end. */
export interface ProgressEvent {
  readonly kind: 'progress';
  readonly activity: string;
  readonly done: number;
  /** Null where nobody knows. */
  readonly total: number | null;
  /** At the rate so far; null where there is none yet, or no total. */
  readonly secondsLeft: number | null;
}

/** The JSON-RPC error codes in use (JSON-RPC 2.0 section 5.1; LSP 3.17 for RequestCancelled). */
export const errorCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  requestCancelled: -32800,
  certProp: -32000,
} as const;
