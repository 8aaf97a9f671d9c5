/** What Windows' smart card providers say of the cards: containers, with their certificates or public keys, and certificate stores. */
import { baseCsp, smartCardKsp } from '../certificate/key-link.js';
import type { PublicKey } from '../certificate/public-key.js';
import { readCertificateOrNull } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import { type HelperOptions, runHelper } from '../helper/run.js';
import { decodeElement, type SerializedElement } from '../store/serialized.js';
import { visible } from '../text.js';
import { parseKeyBlob } from './key-blob.js';
import {
  type ContainerMessage,
  mostMessageBytes,
  parseMessage,
  type StoredMessage,
  type StoreName,
} from './messages.js';

/** One key of a card as a provider names it. All texts are outside texts. */
export interface ProviderContainer {
  readonly readerName: string;
  readonly provider: string;
  /** 0 for the key storage provider, 1 (PROV_RSA_FULL) for the Base CSP. */
  readonly providerType: number;
  /** As enumerated, without the reader. */
  readonly container: string;
  /** 0 for the key storage provider, else 1 AT_KEYEXCHANGE or 2 AT_SIGNATURE. */
  readonly keySpec: number;
  /** The card's GUID in upper-case hex, null where the provider gives none. */
  readonly cardId: string | null;
  /** DER, maybe out of a cache; null where the provider gives none. */
  readonly certificate: Uint8Array | null;
  /** The certificate's, or without one the container's; null for what is no RSA or elliptic curve key. */
  readonly publicKey: PublicKey | null;
}

/** A certificate of a provider's own store, with the properties that the provider gives it. */
export interface ProviderCertificate extends SerializedElement {
  readonly readerName: string;
  /** Of the certificates of the card's keys, or of the card's trusted roots. */
  readonly store: StoreName;
}

export interface ProviderReading {
  readonly containers: readonly ProviderContainer[];
  /** The Base CSP's first; one that both providers have is there twice, as each of them links it. */
  readonly stored: readonly ProviderCertificate[];
  /** KeyProviderFailed, KeyProviderTimeout: what of a reader could not be had from a provider. */
  readonly failures: readonly CertPropError[];
  /** At least one provider named all its containers, so that a key it doesn't know is one that it doesn't have. */
  readonly answered: boolean;
}

export interface KeyProviders {
  /**
   * Asks the providers about the card in a reader, in processes of their own, silently; a reader without a card has no containers.
   * @throws the signal's reason
   */
  containersOf(readerName: string, signal: AbortSignal): Promise<ProviderReading>;
}

interface Provider {
  /** The helper's name for it (task.ts). */
  readonly task: 'KSP' | 'CSP';
  readonly provider: string;
  readonly providerType: number;
}

const providers: readonly Provider[] = [
  { task: 'CSP', provider: baseCsp, providerType: 1 },
  { task: 'KSP', provider: smartCardKsp, providerType: 0 },
];

/** Windows' two providers; null on other systems, which have none. */
export function systemKeyProviders(options: Partial<HelperOptions> = {}): KeyProviders | null {
  if (process.platform !== 'win32') return null;
  return { containersOf: (readerName, signal) => readContainers(readerName, options, signal) };
}

/** @throws the signal's reason */
export async function readContainers(
  readerName: string,
  options: Partial<HelperOptions>,
  signal: AbortSignal,
): Promise<ProviderReading> {
  const readings = await Promise.all(
    providers.map((provider) => readProvider(provider, readerName, options, signal)),
  );
  return {
    containers: readings.flatMap(({ containers }) => containers),
    stored: readings.flatMap(({ stored }) => stored),
    failures: readings.flatMap(({ failures }) => failures),
    answered: readings.some(({ answered }) => answered),
  };
}

async function readProvider(
  { task: name, provider, providerType }: Provider,
  readerName: string,
  options: Partial<HelperOptions>,
  signal: AbortSignal,
): Promise<ProviderReading> {
  const { milliseconds = 10_000 } = options;
  const task = { task: ['provider', name, readerName], mostBytes: mostMessageBytes, parse: parseMessage };
  const { messages, problem, late } = await runHelper(task, { ...options, milliseconds }, signal);
  const containers = messages
    .filter((message) => message.kind === 'Container')
    .map(async (message) => ({ readerName, provider, providerType, ...(await containerOf(message)) }));
  const stored = messages
    .filter((message) => message.kind === 'StoreCertificate')
    .map((message) => storedCertificate(message, provider, readerName));
  const failures = [
    ...messages
      .filter((message) => message.kind === 'Problem')
      .map((message) => failed(provider, readerName, message.problem)),
    ...stored.filter((outcome) => outcome instanceof CertPropError),
  ];
  if (problem !== null)
    failures.push(late ? tooLate(provider, readerName, milliseconds) : failed(provider, readerName, problem));
  return {
    containers: await Promise.all(containers),
    stored: stored.filter((outcome) => 'certificate' in outcome),
    failures,
    answered: problem === null || messages.some(({ kind }) => kind === 'Listed'),
  };
}

async function containerOf({ kind: _, keyBlob, ...message }: ContainerMessage) {
  const certificate = message.certificate === null ? null : bytesOf(message.certificate);
  const publicKey =
    certificate !== null
      ? await publicKeyOf(certificate)
      : keyBlob === null
        ? null
        : parseKeyBlob(bytesOf(keyBlob));
  return { ...message, certificate, publicKey };
}

/** KeyProviderFailed for what is no serialized element. */
function storedCertificate(
  { store, element }: StoredMessage,
  provider: string,
  readerName: string,
): ProviderCertificate | CertPropError {
  try {
    return { readerName, store, ...decodeElement(bytesOf(element)) };
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    return failed(
      provider,
      readerName,
      `gives a damaged certificate in its ${store} certificate store`,
      error,
    );
  }
}

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

/** Null for what is no certificate: whoever uses it as one tells. */
async function publicKeyOf(certificate: Uint8Array): Promise<PublicKey | null> {
  return (await readCertificateOrNull(certificate))?.publicKey ?? null;
}

function failed(provider: string, readerName: string, problem: string, cause?: CertPropError): CertPropError {
  const reader = visible(readerName);
  return new CertPropError(
    'KeyProviderFailed',
    `With the card in the reader "${reader}", the provider "${provider}" ${visible(problem)}. ` +
      "Insert the card again; if it stays so, install a newer minidriver from the card's maker.",
    { readerName: reader },
    { cause },
  );
}

function tooLate(provider: string, readerName: string, milliseconds: number): CertPropError {
  const reader = visible(readerName);
  return new CertPropError(
    'KeyProviderTimeout',
    `With the card in the reader "${reader}", the provider "${provider}" was not done after ${milliseconds / 1000} s and was ended. ` +
      'Insert the card again, close other programs that use it, and try again.',
    { readerName: reader },
  );
}
