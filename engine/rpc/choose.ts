/** The cards that a request means. */
import type { ReaderInfo } from '../pcsc/reader.js';
import type { CertificateOnCard } from '../propagation/plan.js';
import type { CardRequest } from '../propagation/read-cards.js';
import { selectReaders } from '../propagation/readers.js';
import { visible } from '../text.js';
import type { CardTarget } from './contract.js';
import type { EventQueue } from './events.js';

/**
 * The cards in the readers that fit the patterns, all of them for null. Names that fit no reader are told as errors.
 * @param otherNames names that stand for something else than a reader here
 */
export function chooseCards(
  present: readonly ReaderInfo[],
  patterns: readonly string[] | null,
  thumbprints: ReadonlySet<string> | null,
  otherNames: ReadonlySet<string>,
  out: EventQueue,
): readonly CardRequest[] {
  const { selected, errors } = selectReaders(present, patterns);
  for (const error of errors) {
    if (!otherNames.has(error.details.readerName ?? '')) out.problem(error, 'error');
  }
  return selected.map((reader) => ({ ...reader, cardIds: null, thumbprints, mustHave: false }));
}

/**
 * The cards that piped objects point to, each once.
 * @param onTokens certificates that are read in another way; objects that point to them need no card
 */
export function chooseTargets(
  present: readonly ReaderInfo[],
  targets: readonly CardTarget[],
  onTokens: readonly CertificateOnCard[],
  out: EventQueue,
): readonly CardRequest[] {
  const byCard = targets.filter(
    ({ cardId, thumbprint }) =>
      !onTokens.some(({ card, info }) => cardId === visible(card.cardId) && thumbprint === info.thumbprint),
  );
  return [...groupByReader(byCard)].flatMap(([readerName, group]) => {
    const { selected, errors } = selectReaders(present, [readerName]);
    for (const error of errors) out.problem(error, 'error');
    const cardIds = allOrNone(group.map(({ cardId }) => cardId));
    const thumbprints = allOrNone(group.map(({ thumbprint }) => thumbprint));
    const mustHave = thumbprints !== null;
    return selected.map(({ reader }) => ({ reader, named: true, cardIds, thumbprints, mustHave }));
  });
}

/** One that is not given stands for all. */
function allOrNone(values: readonly (string | null)[]): ReadonlySet<string> | null {
  const given = values.filter((value) => value !== null);
  return given.length === values.length ? new Set(given) : null;
}

function groupByReader(targets: readonly CardTarget[]): ReadonlyMap<string, readonly CardTarget[]> {
  const groups = new Map<string, CardTarget[]>();
  for (const target of targets) {
    const name = target.readerName.toLowerCase();
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [target]);
    else group.push(target);
  }
  return groups;
}
