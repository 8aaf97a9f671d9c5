/**
 * .NET's X509Store inside this process, through npm `node-api-dotnet`.
 *
 * The package is optional: neither the compiler nor the bundler may need it, so that it is named where only the running engine looks.
 * Its exceptions carry .NET's message, but neither the exception's type nor its HResult.
 */
import { dirname } from 'node:path';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';

/** System.Security.Cryptography.X509Certificates, as far as it is used. */
export interface X509Types {
  readonly X509Store: Constructor<[name: string, location: number], X509Store>;
  /** Takes DER as numbers. */
  readonly X509Certificate2: Constructor<[der: readonly number[]], X509Certificate>;
  readonly X509Certificate2Collection: Constructor<[], X509Collection>;
}

type Constructor<A extends unknown[], T> = new (...given: A) => T;

export interface X509Store {
  readonly Certificates: X509Collection;
  Open(flags: number): void;
  Add(certificate: X509Certificate): void;
  Remove(certificate: X509Certificate): void;
  Dispose(): void;
}

export interface X509Collection {
  readonly Count: number;
  Find(findType: number, value: string, validOnly: boolean): X509Collection;
}

export interface X509Certificate {
  /** DER in hex. */
  GetRawCertDataString(): string;
}

/** X509FindType.FindByThumbprint. */
const findByThumbprint = 0;

export function withThumbprint(collection: X509Collection, thumbprint: string): X509Collection {
  return collection.Find(findByThumbprint, thumbprint, false);
}

/** The package offers an indexer as a property without its index: here the property's function gets it. */
export function membersOf(types: X509Types, collection: X509Collection): X509Certificate[] {
  return Array.from({ length: collection.Count }, (_, index) => {
    const member = getter(types.X509Certificate2Collection, 'Item').call(collection, index);
    if (!isCertificate(member)) throw new TypeError('A member of an X509Certificate2Collection is none');
    return member;
  });
}

/** A collection's member shows the properties of its declared class only, X509Certificate: this one is X509Certificate2's. */
export function hasPrivateKey(types: X509Types, certificate: X509Certificate): boolean {
  return getter(types.X509Certificate2, 'HasPrivateKey').call(certificate) === true;
}

type Getter = (this: unknown, ...given: unknown[]) => unknown;

function getter(type: { readonly prototype: object }, name: string): Getter {
  const get: Getter | undefined = Reflect.getOwnPropertyDescriptor(type.prototype, name)?.get;
  if (get === undefined) throw new TypeError(`.NET's property ${name} is missing`);
  return get;
}

const packageName = 'node-api-dotnet';
const packageVersion = '0.9.27';

/**
 * Starts .NET when it is first needed; it stays for the life of the process.
 * @throws CertPropError DotNetUnavailable
 */
export async function loadX509Types(): Promise<X509Types> {
  if (process.platform === 'win32') throw notOnWindows();
  // The package asks for .NET 8; this lets any later one do where that is missing.
  process.env.DOTNET_ROLL_FORWARD = 'Major';
  // Otherwise .NET opens sockets and pipes through which other programs could look into this process.
  process.env.DOTNET_EnableDiagnostics = '0';
  try {
    return typesIn(await import(packageName));
  } catch (error) {
    throw unavailable(error);
  }
}

function typesIn(module: unknown): X509Types {
  const host = member(module, 'default');
  const load = member(host, 'load');
  if (typeof load !== 'function') throw new TypeError(`${packageName} has no function load`);
  Reflect.apply(load, host, ['System.Security.Cryptography']);
  const types = ['System', 'Security', 'Cryptography', 'X509Certificates'].reduce(member, host);
  if (!isX509Types(types)) throw new TypeError("This .NET's X509Store has another shape");
  return types;
}

function isX509Types(value: unknown): value is X509Types {
  const names = ['X509Store', 'X509Certificate2', 'X509Certificate2Collection'];
  return names.every((name) => typeof member(value, name) === 'function');
}

function isCertificate(value: unknown): value is X509Certificate {
  return typeof member(value, 'GetRawCertDataString') === 'function';
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function notOnWindows(): CertPropError {
  return new CertPropError(
    'DotNetUnavailable',
    "On Windows, .NET's stores are the system's own. Leave out -StoreProvider, and .NET programs see the certificates.",
  );
}

function unavailable(error: unknown): CertPropError {
  const missing =
    error instanceof Error && 'code' in error && String(error.code).endsWith('MODULE_NOT_FOUND');
  const install = missing
    ? `The npm package ${packageName} is not installed. Run: npm install --prefix "${visible(moduleFolder())}" ${packageName}@${packageVersion}`
    : `.NET did not start (${reasonOf(error)}). Install the .NET runtime 8 or later from https://dotnet.microsoft.com/download; where it lies in a folder of its own, name that folder in DOTNET_ROOT.`;
  return new CertPropError(
    'DotNetUnavailable',
    `The stores of .NET can't be used. ${install}`,
    {},
    { cause: error },
  );
}

/** The folder that holds the engine's: npm would clear away what lies in the engine's own node_modules. */
function moduleFolder(): string {
  return dirname(dirname(process.argv[1] ?? ''));
}

function reasonOf(error: unknown): string {
  return visible(error instanceof Error ? error.message : String(error)).replace(/\.$/u, '');
}
