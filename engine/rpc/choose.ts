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
  return selected.map((reader) => ({ ...reader, cardIds: null, thumbprints, mustHave: false }));
}

/** The cards that piped objects point to, each once. */
export async function chooseTargets(
  readers: SmartCardReaders,
  targets: readonly CardTarget[],
  out: EventQueue,
): Promise<readonly CardRequest[]> {
  const present = await readers.list();
  return [...groupByReader(targets)].flatMap(([readerName, group]) => {
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
