/** The cards that a request means. */
import type { SmartCardReaders } from '../pcsc/reader.js';
import type { CardRequest } from '../propagation/read-cards.js';
import { selectReaders } from '../propagation/readers.js';
import type { CardTarget } from './contract.js';
import type { EventQueue } from './events.js';

/** The cards in the readers that fit the patterns, all of them for null. Names that fit none are told as errors. */
export async function chooseCards(
  readers: SmartCardReaders,
  patterns: readonly string[] | null,
  thumbprints: ReadonlySet<string> | null,
  out: EventQueue,
): Promise<readonly CardRequest[]> {
  const { selected, errors } = selectReaders(await readers.list(), patterns);
  for (const error of errors) out.problem(error, 'error');
  return selected.map((reader) => ({ ...reader, cardId: null, thumbprints, mustHave: false }));
}

/** The cards that piped objects point to, each once. */
export async function chooseTargets(
  readers: SmartCardReaders,
  targets: readonly CardTarget[],
  out: EventQueue,
): Promise<readonly CardRequest[]> {
  const present = await readers.list();
  return [...groupByCard(targets).values()].flatMap((group) => {
    const [first] = group;
    const { selected, errors } = selectReaders(present, first === undefined ? [] : [first.readerName]);
    for (const error of errors) out.problem(error, 'error');
    const wanted = group.map(({ thumbprint }) => thumbprint);
    const thumbprints = wanted.includes(null)
      ? null
      : new Set(wanted.filter((thumbprint) => thumbprint !== null));
    return selected.map(({ reader }) => ({
      reader,
      named: true,
      cardId: first?.cardId ?? null,
      thumbprints,
      mustHave: thumbprints !== null,
    }));
  });
}

function groupByCard(targets: readonly CardTarget[]): ReadonlyMap<string, readonly CardTarget[]> {
  const groups = new Map<string, CardTarget[]>();
  for (const target of targets) {
    const card = JSON.stringify([target.readerName.toLowerCase(), target.cardId]);
    const group = groups.get(card);
    if (group === undefined) groups.set(card, [target]);
    else group.push(target);
  }
  return groups;
}
