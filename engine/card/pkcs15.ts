/**
 * PKCS #15 cards (PKCS #15 v1.1, ISO/IEC 7816-15:2016) as the other rooms see them: national and company cards, and what pkcs15-init
 * writes. No file is read twice within one transaction.
 */
import { createHash } from 'node:crypto';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { hex } from '../text.js';
import type { CardApplication, CardPublicKey, OpenApplication } from './application.js';
import { findPkcs15, type Pkcs15, type Search } from './pkcs15-application.js';
import { endOfFirstObject } from './pkcs15-asn1.js';
import { readCertificates, readRoots, type Pkcs15Contents } from './pkcs15-certificates.js';
import { objectLists, spoilt } from './pkcs15-objects.js';
import { readPrivateKeys, type ListedPrivateKeys } from './pkcs15-private-keys.js';
import { parsePublicKey, readPublicKeyValue } from './pkcs15-public-keys.js';
import { cardIdFrom, noTokenInfo, parseTokenInfo, type TokenInfo } from './pkcs15-token.js';

const tokenInfoFile = '5032';

/** Looks for the application by every way that a card may hide it: up to six commands on a card without it. */
export const openPkcs15: OpenApplication = (card) => open(card, 'Thorough');

/**
 * Looks for the application by the names it is known under: two commands on a card without it. For cards on which another application
 * was found: those have PKCS #15 under a name of its own, if at all.
 */
export const openPkcs15ByName: OpenApplication = (card) => open(card, 'ByName');

async function open(card: SmartCardConnection, search: Search): Promise<CardApplication | null> {
  const pkcs15 = await findPkcs15(card, search);
  if (pkcs15 === null) return null;
  const token = await readTokenInfo(pkcs15);
  const contents = contentsOf(pkcs15);
  return {
    family: 'PKCS15',
    cardId:
      token.serialNumber === null
        ? await cardIdFromKeys(contents, token)
        : cardIdFrom(token.serialNumber, token.manufacturer),
    label: token.label,
    serialNumber: token.serialNumber,
    certificates: () => readCertificates(contents),
    roots: () => readRoots(contents),
    publicKey: ({ slot }) => (slot === null ? Promise.resolve(null) : publicKey(contents, slot)),
  };
}

function contentsOf(pkcs15: Pkcs15): Pkcs15Contents {
  const list = objectLists(pkcs15);
  let privateKeys: Promise<ListedPrivateKeys> | null = null;
  return {
    pkcs15,
    list,
    privateKeys: () => (privateKeys ??= readPrivateKeys(pkcs15.directories, list, pkcs15.path)),
  };
}

/** A card that doesn't give its TokenInfo is read all the same. */
async function readTokenInfo({ files, path }: Pkcs15): Promise<TokenInfo> {
  try {
    return parseTokenInfo(await files.readFile(path + tokenInfoFile, endOfFirstObject));
  } catch (error) {
    spoilt(error);
    return noTokenInfo;
  }
}

/**
 * For a card without a serial number: `KEY-` and the SHA-256 of its name and its first private key (id and public half), 32 hex digits.
 * That stays while certificates come and go, and the public half makes it unique.
 */
async function cardIdFromKeys(
  { pkcs15, list, privateKeys }: Pkcs15Contents,
  token: TokenInfo,
): Promise<string> {
  const [first] = (await privateKeys()).keys;
  const publicHalf = first === undefined ? null : await readPublicKeyValue(pkcs15, list, first.id);
  const hash = createHash('sha256');
  hash.update(JSON.stringify([token.manufacturer, token.label, first?.id ?? null]));
  hash.update(publicHalf ?? '');
  return `KEY-${hex(hash.digest()).slice(0, 32)}`;
}

async function publicKey({ pkcs15, list }: Pkcs15Contents, id: string): Promise<CardPublicKey | null> {
  const value = await readPublicKeyValue(pkcs15, list, id);
  return value === null ? null : parsePublicKey(value);
}
