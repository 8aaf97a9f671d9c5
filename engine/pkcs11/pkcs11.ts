/** Certificates through a PKCS #11 module: whatever the engine's own card families don't know. */
import { CertPropError } from '../errors.js';
import { type HelperOptions, runHelper } from '../helper/run.js';
import { visible } from '../text.js';
import { mostMessageBytes, parseMessage, type TokenMessage } from './messages.js';
import { requireUsableModule } from './module-path.js';

export interface Pkcs11Certificate {
  /** CKA_LABEL, empty without one; outside text. */
  readonly label: string;
  /** CKA_ID in upper-case hex, empty without one. */
  readonly id: string;
  /** CKA_VALUE; whether it is a certificate is not looked at. */
  readonly certificate: Uint8Array;
  /** The token shows a private or public key of the same id without a login; many tokens hide private keys. */
  readonly hasKey: boolean;
}

/** All texts are outside texts. */
export interface Pkcs11Token {
  /** Mostly the reader's name, cut at 64 bytes. */
  readonly slotDescription: string;
  readonly label: string;
  readonly serialNumber: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly certificates: readonly Pkcs11Certificate[];
  /** Pkcs11TokenFailed: what could not be read of this token. */
  readonly problems: readonly CertPropError[];
}

export interface Pkcs11Reading {
  readonly tokens: readonly Pkcs11Token[];
  /** Pkcs11ModuleFailed or Pkcs11ModuleTimeout: what ended the reading after these tokens. */
  readonly failure: CertPropError | null;
}

/**
 * Reads all tokens' X.509 certificates through a module, without a login. The module runs in a process of its own, and however it
 * behaves there, that process and its children have ended afterwards.
 * @throws CertPropError Pkcs11ModuleNotFound, Pkcs11ModuleNotTrusted
 * @throws the signal's reason
 */
export async function readPkcs11(
  modulePath: string,
  signal: AbortSignal,
  options: Partial<HelperOptions> = {},
): Promise<Pkcs11Reading> {
  const { milliseconds = 30_000 } = options;
  signal.throwIfAborted();
  const path = await requireUsableModule(modulePath);
  const task = { task: ['pkcs11', path], mostBytes: mostMessageBytes, parse: parseMessage };
  const { messages, problem, late } = await runHelper(task, { ...options, milliseconds }, signal);
  return {
    tokens: messages.map((token) => pkcs11Token(modulePath, token)),
    failure: problem === null ? null : failureOf(modulePath, problem, late ? milliseconds : null),
  };
}

/** @param limit milliseconds that were not enough, null if it wasn't that */
function failureOf(modulePath: string, problem: string, limit: number | null): CertPropError {
  return limit === null ? moduleFailed(modulePath, problem) : moduleTimeout(modulePath, limit);
}

function pkcs11Token(modulePath: string, { kind: _, ...token }: TokenMessage): Pkcs11Token {
  return {
    ...token,
    certificates: token.certificates.map(({ value, ...certificate }) => ({
      ...certificate,
      certificate: new Uint8Array(Buffer.from(value, 'base64')),
    })),
    problems: token.problems.map((problem) => tokenFailed(modulePath, token, problem)),
  };
}

function moduleFailed(modulePath: string, problem: string): CertPropError {
  return new CertPropError(
    'Pkcs11ModuleFailed',
    `The PKCS #11 module ${visible(modulePath)} ${visible(problem)}. ` +
      `Check that it is a PKCS #11 module for this system (${process.platform}, ${process.arch}), and ask its maker for a newer one.`,
    { file: modulePath },
  );
}

function moduleTimeout(modulePath: string, milliseconds: number): CertPropError {
  return new CertPropError(
    'Pkcs11ModuleTimeout',
    `The PKCS #11 module ${visible(modulePath)} was not done after ${milliseconds / 1000} s and was ended. ` +
      'Insert the card again, close other programs that use it, and try again.',
    { file: modulePath },
  );
}

function tokenFailed(
  modulePath: string,
  { label, slotDescription }: Pick<TokenMessage, 'label' | 'slotDescription'>,
  problem: string,
): CertPropError {
  return new CertPropError(
    'Pkcs11TokenFailed',
    `With the token '${visible(label)}' in '${visible(slotDescription)}', the PKCS #11 module ${visible(modulePath)} ` +
      `${visible(problem)}. Insert the card again, then try again.`,
    { file: modulePath, readerName: slotDescription },
  );
}
