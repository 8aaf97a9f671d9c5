/** Why a certificate is not put on a card. */
import { CertPropError, type ErrorId } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { hex, visible } from '../text.js';

function about(card: SmartCardConnection, id: ErrorId, message: (reader: string) => string): CertPropError {
  const readerName = visible(card.readerName);
  return new CertPropError(id, message(`the card in the reader "${readerName}"`), { readerName });
}

export function cardNotWritable(card: SmartCardConnection): CertPropError {
  return about(
    card,
    'CardNotWritable',
    (it) =>
      `CertProp writes to GIDS and PIV cards only, and ${it} (ATR ${hex(card.atr)}) is neither. Use the software of the card's maker.`,
  );
}

export function rootsNotOnPiv(card: SmartCardConnection): CertPropError {
  return about(
    card,
    'CardNotWritable',
    (it) => `PIV cards have no place for trusted roots, and ${it} is one. Only GIDS cards take them (-Root).`,
  );
}

export function noRoot(card: SmartCardConnection): CertPropError {
  return about(
    card,
    'NoRoot',
    (it) =>
      `This certificate is no root: it is not a self-signed certificate of an authority whose signature is valid. It was not put on ${it}; without -Root it goes to its key.`,
  );
}

/** @param told whether the card gave keys to compare with */
export function keyNotOnCard(card: SmartCardConnection, told: boolean): CertPropError {
  const why = told
    ? 'None of the keys that were looked at is that of the certificate'
    : 'The card tells its public keys in no way that CertProp knows, and has no certificate of this key yet';
  return about(
    card,
    'KeyNotOnCard',
    (it) =>
      `Nothing shows that ${it} has the certificate's key. ${why}. Use the card for which the certificate was requested; if you know better, name the key's place with -Container and add -Force.`,
  );
}

export function containerNotFound(
  card: SmartCardConnection,
  wanted: string,
  names: readonly string[],
): CertPropError {
  const present =
    names.length === 0 ? 'It has none.' : `It has ${names.map((name) => `"${visible(name)}"`).join(', ')}.`;
  return about(
    card,
    'ContainerNotFound',
    (it) => `There is no container or slot "${visible(wanted)}" on ${it}. ${present}`,
  );
}

export function keySpecMismatch(card: SmartCardConnection, container: string): CertPropError {
  return about(
    card,
    'KeySpecMismatch',
    (it) =>
      `"${visible(container)}" on ${it} has no key of that -KeySpec. Leave -KeySpec away to take the one that it has.`,
  );
}
