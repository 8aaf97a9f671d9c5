/** Puts certificates on cards and takes them off, in one transaction each. */
import { randomUUID } from 'node:crypto';
import { selectGids, type Gids } from '../card/gids.js';
import { selectPiv, type Piv } from '../card/piv.js';
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { visible } from '../text.js';
import type { CardChangeRequest, CardDraft, Credential } from './card-change.js';
import { cardNotWritable } from './card-change-error.js';
import { cardChanged } from './card-error.js';
import { draftGidsAddition, draftGidsRemoval } from './gids-change.js';
import { draftPivAddition, draftPivRemoval } from './piv-change.js';

export interface CardChange {
  readonly draft: CardDraft;
  /** After the change. */
  readonly cardId: string;
  /** Where the certificate is kept that the card has lost. */
  readonly backupPath: string | null;
}

export interface CarryingOut {
  readonly credential: Credential;
  /** Keeps a certificate (DER) that the card is about to lose; resolves to its path when it is on disk. */
  readonly keep: (certificate: Uint8Array) => Promise<string>;
}

/**
 * Plans the change, and makes it where `carryingOut` is given.
 * @param cardId the card that is meant, null for whatever card is in the reader
 * @throws CertPropError CardNotWritable, CardChanged; what the drafts and their writes throw
 */
export async function changeCard(
  connection: SmartCardConnection,
  cardId: string | null,
  request: CardChangeRequest,
  carryingOut: CarryingOut | null,
): Promise<CardChange> {
  const card = await openCard(connection, request);
  if (cardId !== null && card.cardId !== cardId) throw cardChanged(connection, [cardId], [card.cardId]);
  const draft = await card.draft();
  const { write, lost } = draft;
  if (carryingOut === null || write === null) return { draft, cardId: card.cardId, backupPath: null };
  const { credential, keep } = carryingOut;
  if (credential.kind !== write.credential) throw otherCredential(connection, write.credential);
  const backupPath = lost === null ? null : await keep(lost);
  return { draft, cardId: await write.carryOut(credential.bytes), backupPath };
}

interface OpenCard {
  readonly cardId: string;
  readonly draft: () => Promise<CardDraft>;
}

/** As for reading: GIDS is looked for on cards that are no PIV cards. */
async function openCard(connection: SmartCardConnection, request: CardChangeRequest): Promise<OpenCard> {
  const piv = await selectPiv(connection);
  if (piv !== null) return { cardId: piv.cardId, draft: () => draftForPiv(piv, request) };
  const gids = await selectGids(connection);
  if (gids !== null) return { cardId: gids.cardId, draft: () => draftForGids(gids, request) };
  throw cardNotWritable(connection);
}

async function draftForPiv(piv: Piv, request: CardChangeRequest): Promise<CardDraft> {
  return request.kind === 'Add' ? draftPivAddition(piv, request) : draftPivRemoval(piv, request.thumbprint);
}

async function draftForGids(gids: Gids, request: CardChangeRequest): Promise<CardDraft> {
  return request.kind === 'Add'
    ? draftGidsAddition(gids, request, randomUUID())
    : draftGidsRemoval(gids, request.thumbprint);
}

function otherCredential({ readerName }: SmartCardConnection, needed: Credential['kind']): CertPropError {
  const reader = visible(readerName);
  const details = { readerName: reader };
  return needed === 'Pin'
    ? new CertPropError(
        'PinRequired',
        `The card in the reader "${reader}" takes its PIN for this. Give it with -Pin.`,
        details,
      )
    : new CertPropError(
        'ManagementKeyRequired',
        `The PIV card in the reader "${reader}" takes its management key for this, no PIN. Give it with -ManagementKey or -ManagementKeyPath.`,
        details,
      );
}
