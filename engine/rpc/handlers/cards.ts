import { surveyCard, type CardSurvey } from '../../propagation/survey.js';
import { visitCards } from '../../propagation/visit-cards.js';
import { chooseCards } from '../choose.js';
import type { Parameters, Results } from '../contract.js';
import { describeCard } from '../describe.js';
import { EventQueue } from '../events.js';
import type { RequestContext } from '../handler.js';
import type { World } from '../world.js';

/** Streams one object per reader, also for empty ones and for cards that can't be read. */
export async function listCards(
  { readers }: World,
  parameters: Parameters<'card/list'>,
  context: RequestContext,
): Promise<Results['card/list']> {
  const out = new EventQueue(context);
  const requests = chooseCards(await readers.list(), parameters.readers, null, new Set(), out);
  await Promise.all(
    requests.map(async (request) => {
      // An empty reader is what was asked about, not a mistake.
      const asked = { ...request, named: request.named && request.reader.status !== 'Empty' };
      let survey: CardSurvey | null = null;
      const observer = out.observer(parameters.trace);
      await visitCards(readers, [asked], observer, context.signal, async (card) => {
        survey = await surveyCard(card, observer);
      });
      out.send({ kind: 'card', card: describeCard(request.reader, survey) });
    }),
  );
  await out.sent();
  return { count: requests.length };
}
