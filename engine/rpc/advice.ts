import type { CertPropError, ErrorId } from '../errors.js';

/** What to do about errors that are raised deep in a card's reading, where only what happened is known. */
const advice: Partial<Readonly<Record<ErrorId, string>>> = {
  UnknownCard: 'Take it out, or name the readers that are meant with -Reader.',
  CardObjectNotFound: 'Have whoever issued the card write it anew, or take it out.',
  CardCommandFailed: 'Insert the card again and try again; if it stays so, ask whoever issued the card.',
  MalformedCardData:
    'Insert the card again and try again; if it stays so, have whoever issued the card write it anew.',
  CounterNotWritten: 'Ask whoever issued the card.',
};

/** An error's message, with what to do about it. */
export function messageOf({ id, message }: CertPropError): string {
  const more = advice[id];
  return more === undefined ? message : `${message} ${more}`;
}
