/** The core's values as the contract has them: all text safe to show. */
import type { CertPropError } from '../errors.js';
import type { ReaderInfo } from '../pcsc/reader.js';
import type { Policy } from '../policy/policy.js';
import type { ComparedItem } from '../propagation/card-cache.js';
import type { CertificateOnCard } from '../propagation/plan.js';
import type { CardSurvey } from '../propagation/survey.js';
import { hex, visible, visibleOrNull } from '../text.js';
import { messageOf } from './advice.js';
import type {
  CardCacheItem,
  CardCertificate,
  ErrorData,
  PolicyDescription,
  ReaderDescription,
  SmartCard,
} from './contract.js';

/** `data` of a JSON-RPC error and the error of a streamed event. */
export function describeError(error: CertPropError): ErrorData {
  const { id, details } = error;
  const { readerName, cardId, file } = details;
  return {
    ...details,
    ...(readerName === undefined ? {} : { readerName: visible(readerName) }),
    ...(cardId === undefined ? {} : { cardId: visible(cardId) }),
    ...(file === undefined ? {} : { file: visible(file) }),
    id,
    message: visible(messageOf(error)),
  };
}

export function describeReader({ readerName, status, atr }: ReaderInfo): ReaderDescription {
  return { readerName: visible(readerName), status, atr: atr === null ? null : hex(atr) };
}

export function describeCard(reader: ReaderInfo, survey: CardSurvey | null): SmartCard {
  const { readerName, status, atr } = describeReader(reader);
  const counters = survey?.counters ?? null;
  return {
    ...{ readerName, state: status, atr },
    families: survey?.families ?? [],
    cardId: visibleOrNull(survey?.cardId ?? null),
    label: visibleOrNull(survey?.label ?? null),
    serialNumber: visibleOrNull(survey?.serialNumber ?? null),
    pinsFreshness: counters?.pinsFreshness ?? null,
    containersFreshness: counters?.containersFreshness ?? null,
    filesFreshness: counters?.filesFreshness ?? null,
    certificateCount: survey?.certificateCount ?? null,
  };
}

export function describeCertificate({ card, file, info }: CertificateOnCard): CardCertificate {
  return {
    thumbprint: info.thumbprint,
    subject: visible(info.subject),
    issuer: visible(info.issuer),
    serialNumber: info.serialNumber,
    notBefore: info.notBefore,
    notAfter: info.notAfter,
    upn: visibleOrNull(info.upn),
    keyAlgorithm: info.keyAlgorithm,
    readerName: visible(card.readerName),
    cardId: visible(card.cardId),
    cardFamily: card.family,
    container: visibleOrNull(file.container?.name ?? null),
    keySpec: file.keySpec,
    fileName: visible(file.fileName),
    slot: visibleOrNull(file.slot),
    isDefault: file.container?.isDefault ?? false,
    isRoot: file.isRoot,
    rawData: Buffer.from(file.certificate).toString('base64'),
  };
}

export function describeCacheItem(item: ComparedItem): CardCacheItem {
  const { readerName, cardId, name, state, freshness, length, detail } = item;
  return { ...{ readerName: visible(readerName), cardId, name }, state, freshness, length, detail };
}

export function describePolicy({
  name,
  value,
  effective,
  source,
  path,
  description,
}: Policy): PolicyDescription {
  const given = value !== null && typeof value === 'object' ? visible(value.type) : value;
  return { name, value: given, effective, source, path: visible(path), description };
}
