import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { hex, visible } from '../text.js';

export function unknownCard({ readerName, atr }: SmartCardConnection): CertPropError {
  const reader = visible(readerName);
  return new CertPropError(
    'UnknownCard',
    `The card in the reader "${reader}" (ATR ${hex(atr)}) is of no kind that CertProp knows; it reads PIV, GIDS, PKCS#15 and OpenPGP cards, and others through their maker's PKCS #11 module (-Pkcs11Module).`,
    { readerName: reader, atr: hex(atr) },
  );
}

/** One of a card's applications; the others could be read. */
export function unopenedApplication(
  { readerName, atr }: SmartCardConnection,
  obstacle: CertPropError,
): CertPropError {
  const reader = visible(readerName);
  return new CertPropError(
    obstacle.id,
    `Not all of the card in the reader "${reader}" (ATR ${hex(atr)}) could be read: ${obstacle.message}`,
    { ...obstacle.details, readerName: reader, atr: hex(atr) },
    { cause: obstacle },
  );
}

/** One file; the card's others could be read. */
export function unusableFile(
  error: CertPropError,
  { readerName, cardId }: { readonly readerName: string; readonly cardId: string },
  fileName: string,
): CertPropError {
  const reader = visible(readerName);
  const file = visible(fileName);
  return new CertPropError(
    error.id,
    `The file ${file} of the card in the reader "${reader}" can't be used: ${error.message}`,
    { ...error.details, readerName: reader, cardId, file },
    { cause: error },
  );
}

/** Another card's counters are no freshness: its copies can't be asked for without a guess. */
export function withoutCounters({ readerName, atr }: SmartCardConnection): CertPropError {
  const reader = visible(readerName);
  return new CertPropError(
    'CacheUnavailable',
    `The card in the reader "${reader}" (ATR ${hex(atr)}) is no GIDS card. Windows' cache can't be compared with it: only GIDS cards have the counters that cached items are asked for with.`,
    { readerName: reader, atr: hex(atr) },
  );
}

export function cardWithoutCounters({ readerName, atr }: SmartCardConnection): CertPropError {
  const reader = visible(readerName);
  return new CertPropError(
    'CardWithoutCounters',
    `The card in the reader "${reader}" (ATR ${hex(atr)}) has none: only GIDS cards carry cache counters (file cardcf). Of other cards Windows reads anew what their own software tells it to.`,
    { readerName: reader, atr: hex(atr) },
  );
}

export function certificateNotOnCard(readerName: string, thumbprint: string): CertPropError {
  const reader = visible(readerName);
  return new CertPropError(
    'CertificateNotOnCard',
    `The card in the reader "${reader}" does not hold the certificate ${thumbprint}. Get-CardCertificate lists what it holds.`,
    { readerName: reader, thumbprint },
  );
}

export function cardChanged(
  { readerName }: SmartCardConnection,
  expected: readonly string[],
  present: readonly string[],
): CertPropError {
  const reader = visible(readerName);
  const cardId = visible(present.join(', '));
  return new CertPropError(
    'CardChanged',
    `Another card is in the reader "${reader}": card ${visible(expected.join(', '))} was expected, card ${cardId} is there. Insert the first one, or list the certificates again.`,
    { readerName: reader, cardId },
  );
}
