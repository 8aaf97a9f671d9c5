/**
 * .NET's own certificate stores (System.Security.Cryptography.X509Certificates.X509Store), for systems other than Windows: what is in
 * them, .NET programs and PowerShell see. They keep certificates only; key links and names exist in Windows' stores alone. Files,
 * locks and key chains are .NET's business: what it promises about other processes is what there is.
 */
import { thumbprintOf } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';
import { resolve } from './disposition.js';
import {
  hasPrivateKey,
  loadX509Types,
  membersOf,
  withThumbprint,
  type X509Certificate,
  type X509Store,
  type X509Types,
} from './dotnet-types.js';
import { checkStoreName } from './store-name.js';
import type {
  AddDisposition,
  AddOutcome,
  CertificateStore,
  DecideProperties,
  Properties,
  StoreEntry,
} from './store.js';

/** System.Security.Cryptography.X509Certificates.StoreLocation. */
const storeLocation = { CurrentUser: 1, LocalMachine: 2 } as const;

/** OpenFlags. */
const readOnly = 0;
const readWrite = 1;

const noProperties: Properties = new Map();

interface Place {
  readonly types: X509Types;
  readonly location: keyof typeof storeLocation;
  readonly name: string;
}

/**
 * @param name `My`, `Root`, `CA` or another one; .NET knows no difference between upper and lower case
 * @throws CertPropError StoreNameInvalid, DotNetUnavailable
 */
export async function dotnetStore(
  location: 'CurrentUser' | 'LocalMachine',
  name: string,
): Promise<CertificateStore> {
  checkStoreName(name);
  const place: Place = { types: await loadX509Types(), location, name };
  return {
    name,
    keepsProperties: false,
    entries: () => entries(place),
    find: (thumbprint) => inStore(place, readOnly, (store) => entryIn(place, store, thumbprint)),
    add: (certificate, properties, disposition) => add(place, certificate, properties, disposition),
    remove: (thumbprint, stillWanted) => remove(place, thumbprint, stillWanted),
  };
}

async function* entries(place: Place): AsyncIterable<StoreEntry> {
  yield* await inStore(place, readOnly, (store) => membersOf(place.types, store.Certificates).map(entryOf));
}

async function add(
  place: Place,
  certificate: Uint8Array,
  properties: Properties | DecideProperties,
  disposition: AddDisposition,
): Promise<AddOutcome> {
  const thumbprint = thumbprintOf(certificate);
  const existing = await inStore(place, readOnly, (store) => entryIn(place, store, thumbprint));
  // Without properties, the same certificate is always what would be written.
  const replaces = disposition === 'Always' || disposition === 'ReplaceExisting';
  const resolution = resolve(
    existing,
    certificate,
    asked(properties),
    replaces ? 'UseExisting' : disposition,
  );
  if (existing !== null || resolution === null) return 'Unchanged';
  const readByDotNet = certificateFrom(place.types, certificate, thumbprint);
  await inStore(place, readWrite, (store) => {
    store.Add(readByDotNet);
  });
  return 'Added';
}

/** Whoever decides may leave the certificate alone; which properties it would get does not matter here. */
function asked(properties: Properties | DecideProperties): DecideProperties {
  return (existing) =>
    typeof properties === 'function' && properties(existing) === null ? null : noProperties;
}

async function remove(
  place: Place,
  thumbprint: string,
  stillWanted: (entry: StoreEntry) => boolean,
): Promise<boolean> {
  // What is not there is not removed from a store either that may only be read.
  const there = await inStore(place, readOnly, (store) => entryIn(place, store, thumbprint));
  if (there === null) return false;
  return inStore(place, readWrite, (store) => {
    const certificate = memberOf(place, store, thumbprint);
    if (certificate === null || !stillWanted(entryOf(certificate))) return false;
    // Elsewhere than on Windows the private key is in the store too, and would go with the certificate.
    if (hasPrivateKey(place.types, certificate)) throw privateKey(place, thumbprint);
    store.Remove(certificate);
    return true;
  });
}

function entryIn(place: Place, store: X509Store, thumbprint: string): StoreEntry | null {
  const member = memberOf(place, store, thumbprint);
  return member === null ? null : entryOf(member);
}

function memberOf({ types }: Place, store: X509Store, thumbprint: string): X509Certificate | null {
  return membersOf(types, withThumbprint(store.Certificates, thumbprint))[0] ?? null;
}

function entryOf(member: X509Certificate): StoreEntry {
  const certificate = bytesOf(member);
  return { thumbprint: thumbprintOf(certificate), certificate, properties: noProperties };
}

function bytesOf(certificate: X509Certificate): Uint8Array {
  return Buffer.from(certificate.GetRawCertDataString(), 'hex');
}

/** .NET takes other formats than DER for certificates too, and what follows a certificate for nothing. */
function certificateFrom(types: X509Types, der: Uint8Array, thumbprint: string): X509Certificate {
  try {
    const certificate = new types.X509Certificate2(Array.from(der));
    if (Buffer.compare(bytesOf(certificate), der) === 0) return certificate;
  } catch (error) {
    throw unreadable(thumbprint, error);
  }
  throw unreadable(thumbprint, new Error('it reads other bytes than it was given'));
}

/** Opens the store for one piece of work. What .NET throws becomes an error of the store. */
function inStore<T>(place: Place, flags: number, work: (store: X509Store) => T): Promise<T> {
  return new Promise((done) => {
    const store = new place.types.X509Store(place.name, storeLocation[place.location]);
    try {
      done(work(opened(store, place, flags)));
    } catch (error) {
      throw error instanceof CertPropError ? error : failed(place, error);
    } finally {
      store.Dispose();
    }
  });
}

function opened(store: X509Store, place: Place, flags: number): X509Store {
  try {
    store.Open(flags);
  } catch (error) {
    // Whatever is to be changed was read before.
    throw flags === readWrite ? denied(place, error) : failed(place, error);
  }
  return store;
}

function denied(place: Place, error: unknown): CertPropError {
  return new CertPropError(
    'StoreAccessDenied',
    `.NET does not let the store ${fullName(place)} be changed: ${reasonOf(error)} Choose another store, or -StoreLocation CurrentUser.`,
    {},
    { cause: error },
  );
}

function failed(place: Place, error: unknown): CertPropError {
  return new CertPropError(
    'StoreUnavailable',
    `.NET can't use the store ${fullName(place)}: ${reasonOf(error)} Check the store's name and location, and who owns ~/.dotnet.`,
    {},
    { cause: error },
  );
}

function privateKey(place: Place, thumbprint: string): CertPropError {
  return new CertPropError(
    'PrivateKeyInStore',
    `The certificate ${thumbprint} is in the store ${fullName(place)} with its private key, which would be deleted with it. It was left alone; remove it with .NET's X509Store if that is meant.`,
    { thumbprint },
  );
}

function unreadable(thumbprint: string, error: unknown): CertPropError {
  return new CertPropError(
    'MalformedCertificate',
    `.NET can't read the certificate ${thumbprint}: ${reasonOf(error)}`,
    { thumbprint },
    { cause: error },
  );
}

function fullName({ location, name }: Place): string {
  return `${location}\\${visible(name)}`;
}

/** A sentence of .NET's. */
function reasonOf(error: unknown): string {
  return visible(error instanceof Error ? error.message : String(error)).replace(/\.?$/u, '.');
}
