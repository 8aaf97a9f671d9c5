/** What is in a reader: the card's kind, its names, its counters, and how many certificates it holds. */
import type { CardApplication } from '../card/application.js';
import { applicationsOf } from '../card/applications.js';
import type { CardFamily } from '../card/card.js';
import type { CacheCounters } from '../card/minidriver/cardcf.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { unknownCard } from './card-error.js';

export interface CardSurvey {
  readonly families: readonly CardFamily[];
  /** Of the first application; outside text. */
  readonly cardId: string;
  readonly label: string | null;
  readonly serialNumber: string | null;
  /** Null where no application has such counters. */
  readonly counters: CacheCounters | null;
  readonly certificateCount: number;
}

/** @throws CertPropError UnknownCard; all that `transmit` throws */
export async function surveyCard(connection: SmartCardConnection): Promise<CardSurvey> {
  let survey: CardSurvey | null = null;
  for await (const application of applicationsOf(connection)) {
    survey = await withApplication(survey, application);
  }
  if (survey === null) throw unknownCard(connection);
  return survey;
}

async function withApplication(before: CardSurvey | null, application: CardApplication): Promise<CardSurvey> {
  const counters = (await application.counters?.()) ?? null;
  return {
    families: [...(before?.families ?? []), application.family],
    cardId: before?.cardId ?? application.cardId,
    label: before?.label ?? application.label,
    serialNumber: before?.serialNumber ?? application.serialNumber,
    counters: before?.counters ?? counters,
    certificateCount: (before?.certificateCount ?? 0) + (await countCertificates(application)),
  };
}

async function countCertificates(application: CardApplication): Promise<number> {
  let count = 0;
  for await (const file of application.certificates({ allSlots: false })) {
    if (!('error' in file)) count++;
  }
  return count;
}
