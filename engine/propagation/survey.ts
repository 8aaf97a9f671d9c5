/** What is in a reader: the card's kind, its names, its counters, and how many certificates it holds. */
import type { CardApplication } from '../card/application.js';
import { applicationsOf } from '../card/applications.js';
import type { CardFamily } from '../card/card.js';
import type { CacheCounters } from '../card/minidriver/cardcf.js';
import { thumbprintOf } from '../certificate/x509.js';
import type { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { unknownCard, unopenedApplication } from './card-error.js';
import type { CardObserver } from './visit-cards.js';

interface CardFacts {
  readonly families: readonly CardFamily[];
  /** Of the first application; outside text. */
  readonly cardId: string;
  readonly label: string | null;
  readonly serialNumber: string | null;
  /** Null where no application has such counters. */
  readonly counters: CacheCounters | null;
}

export interface CardSurvey extends CardFacts {
  /** A certificate that several applications hold counts once. */
  readonly certificateCount: number;
}

/**
 * @param observer hears of applications that can't be opened beside others that can
 * @throws CertPropError UnknownCard; all that `transmit` throws
 */
export async function surveyCard(
  connection: SmartCardConnection,
  observer: CardObserver,
): Promise<CardSurvey> {
  const certificates = new Set<string>();
  let survey: CardFacts | null = null;
  const unopened = (obstacle: CertPropError): void => {
    observer.problem(unopenedApplication(connection, obstacle), 'warning');
  };
  for await (const application of applicationsOf(connection, unopened)) {
    survey = await withApplication(survey, application);
    for await (const file of application.certificates({ allSlots: false })) {
      if (!('error' in file)) certificates.add(thumbprintOf(file.certificate));
    }
  }
  if (survey === null) throw unknownCard(connection);
  return { ...survey, certificateCount: certificates.size };
}

async function withApplication(before: CardFacts | null, application: CardApplication): Promise<CardFacts> {
  const counters = (await application.counters?.()) ?? null;
  return {
    families: [...(before?.families ?? []), application.family],
    cardId: before?.cardId ?? application.cardId,
    label: before?.label ?? application.label,
    serialNumber: before?.serialNumber ?? application.serialNumber,
    counters: before?.counters ?? counters,
  };
}
