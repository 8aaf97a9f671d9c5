import type { CertPropError } from '../../errors.js';
import { visible } from '../../text.js';
import type { Facts, MeantReader } from '../facts.js';
import { counted, judgeEach, unseen, type Check, type Judgment } from '../finding.js';
import { isAboutFile } from './card-certificates.js';
import { isMissingReader } from './readers.js';
import { isStaleCopy } from './windows-cache.js';

/** A card is present, has power and is of a known kind. */
export const card: Check = {
  name: 'Card',
  judge(facts) {
    if (facts.readers.kind !== 'Seen') return [unseen(facts.readers)];
    const readers = facts.readers.value;
    const empty = readers.filter(({ reader }) => reader.status === 'Empty');
    const isNowhere = empty.length === readers.length;
    const missing = empty.filter(({ named }) => named || isNowhere).map(noCard);
    const cards = judgeEach(readers.filter(isOccupied), unreadable(facts), {
      none: 'There is no reader that could hold a card.',
      passed: (count) => `${counted(count, 'card')} could be read.`,
    });
    const others = facts.cards.problems.filter(
      (problem) => isOurs(problem) && readerOf(problem, facts) === null,
    );
    const judgments = [...missing, ...others.map(problemWith(null))];
    const isQuiet = judgments.length > 0 && cards.every(({ status }) => status === 'Skipped');
    return isQuiet ? judgments : [...judgments, ...cards];
  },
};

function isOccupied({ reader: { status } }: MeantReader): boolean {
  return status !== 'Empty' && status !== 'Unavailable';
}

function noCard({ reader: { readerName, status } }: MeantReader): Judgment {
  return {
    status: 'Failed',
    finding: `There is no card in the reader "${readerName}".`,
    evidence: { reader: readerName, state: status },
    remedy: 'Insert the card, contacts first and face up, then see with Get-SmartCard that it is there.',
  };
}

function unreadable(facts: Facts): (reader: MeantReader) => Judgment | null {
  return ({ reader: { readerName } }) => {
    const problem = facts.cards.problems.find(
      (candidate) => isOurs(candidate) && readerOf(candidate, facts) === readerName,
    );
    return problem === undefined ? null : problemWith(readerName)(problem);
  };
}

/** Whatever no other check is about. */
function isOurs(problem: CertPropError): boolean {
  return (
    !isAboutFile(problem) &&
    !isStaleCopy(problem) &&
    !isMissingReader(problem) &&
    problem.id !== 'NoCard' &&
    problem.id !== 'ReaderUnavailable'
  );
}

function readerOf({ details }: CertPropError, { readers }: Facts): string | null {
  const known = readers.kind === 'Seen' ? readers.value : [];
  const meant = known.find(({ reader }) => visible(reader.readerName) === details.readerName);
  return meant?.reader.readerName ?? null;
}

function problemWith(readerName: string | null): (problem: CertPropError) => Judgment {
  return ({ id, message, details }) => ({
    status: 'Failed',
    finding: message,
    evidence: { ...(readerName === null ? {} : { reader: readerName }), error: id, atr: details.atr ?? null },
    remedy:
      remedies[id] ??
      'Insert the card again, close other programs that use it, and run Test-CertPropagation again.',
  });
}

const remedies: Readonly<Partial<Record<CertPropError['id'], string>>> = {
  CardMute:
    'Insert the card again, the right way round, with clean contacts; if it stays mute in other readers too, it has to be replaced.',
  UnknownCard:
    "Read the card through its maker's PKCS #11 module: Test-CertPropagation -Pkcs11Module <full path>.",
  KeyProviderFailed:
    "Insert the card again; if it stays so, install a newer minidriver from the card's maker.",
  KeyProviderTimeout: 'Insert the card again and close other programs that use it.',
};
