import type { Origin } from './origin.js';

/**
 * What shows that a stored certificate came from a card. `Mark`: CertProp's mark, with a smart card link or none. `KeyLink`: a link to
 * a smart card provider alone; another program put it there.
 */
export type Evidence = 'Mark' | 'KeyLink';

/** A link to a software provider always wins over a mark; where the link can't be read nothing is known. */
export function evidenceOf({ kind, mark }: Origin): Evidence | null {
  if (kind === 'Software' || kind === 'Unreadable') return null;
  if (mark !== null) return 'Mark';
  return kind === 'SmartCard' ? 'KeyLink' : null;
}
