/** Certificates through a PKCS #11 module: whatever the engine's own card families don't know. */
import { dirname, join } from 'node:path';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';
import { type HelperProcess, startHelper } from './helper-process.js';
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

export interface Pkcs11Options {
  /** The helper's entry file; by itself the bundle's, beside the script that this process runs. */
  readonly helper: string;
  /** After so long the module is ended. */
  readonly milliseconds: number;
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
  options: Partial<Pkcs11Options> = {},
): Promise<Pkcs11Reading> {
  const { helper = bundledHelper(), milliseconds = 30_000 } = options;
  signal.throwIfAborted();
  const path = await requireUsableModule(modulePath);
  signal.throwIfAborted();

  const running = startHelper(helper, path);
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort();
    running.kill();
  }, milliseconds);
  signal.addEventListener('abort', running.kill);
  const failureOf = (problem: string) =>
    late.signal.aborted ? moduleTimeout(modulePath, milliseconds) : moduleFailed(modulePath, problem);
  try {
    const { tokens, problem } = await listen(running);
    signal.throwIfAborted();
    return {
      tokens: tokens.map((token) => pkcs11Token(modulePath, token)),
      failure: problem === null ? null : failureOf(problem),
    };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', running.kill);
    running.kill();
    await running.ended;
  }
}

function bundledHelper(): string {
  return join(dirname(process.argv[1] ?? ''), 'helper.cjs');
}

/** What the helper says until Done, and what was wrong if it doesn't get there. */
async function listen(
  running: HelperProcess,
): Promise<{ tokens: readonly TokenMessage[]; problem: string | null }> {
  const tokens: TokenMessage[] = [];
  try {
    for await (const line of running.lines(mostMessageBytes)) {
      const message = parseMessage(line);
      if (message === null) return { tokens, problem: 'says what CertProp does not understand' };
      if (message.kind === 'Done') return { tokens, problem: null };
      if (message.kind === 'Failed') return { tokens, problem: message.problem };
      tokens.push(message);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { tokens, problem: `gives ${error.message}` };
  }
  running.kill();
  return { tokens, problem: `did not get to its end: its process ${await running.ended}` };
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
