/** Virtual cards that are pulled out, and what is put on them. */
import { KeyObject, randomUUID } from 'node:crypto';
import { readCertificate } from '../../engine/certificate/x509.js';
import { CertPropError } from '../../engine/errors.js';
import type { VirtualCard } from '../../engine/pcsc/embedded.js';
import type { SmartCardConnection } from '../../engine/pcsc/reader.js';
import type { AdditionTarget, CardChangeRequest, Credential } from '../../engine/propagation/card-change.js';
import { changeCard, type CardChange } from '../../engine/propagation/change-card.js';
import type { CardState } from '../../engine/virtual/card-state.js';
import { publicKeyValue } from '../../engine/virtual/keys.js';
import { addContainer, initializedCard } from '../../engine/virtual/personalization.js';
import {
  issue,
  makeIssuer,
  type Issuer,
  type UserCertificate,
} from '../../engine/virtual/sample-certificates.js';

export const pin = Buffer.from('123456');
export const cardId = Buffer.from('000102030405060708090A0B0C0D0E0F', 'hex');

/** A connection to a card; it is pulled out after so many commands, whose last one it carried out without its answer being heard. */
export interface Insertion extends SmartCardConnection {
  readonly commands: Uint8Array[];
}

export function insert(card: VirtualCard, pulledAfter = Infinity): Insertion {
  card.reset();
  const commands: Uint8Array[] = [];
  return {
    ...{ readerName: 'Reader', atr: card.atr, commands, resetAtEnd: () => undefined },
    async transmit(command) {
      if (commands.length >= pulledAfter) throw removed();
      commands.push(command.slice());
      const response = await card.transmit(command);
      if (commands.length >= pulledAfter) throw removed();
      return response;
    },
    uninterrupted: (write) => write(),
  };
}

function removed(): CertPropError {
  return new CertPropError('CardRemoved', 'The card was taken out. Insert it and try again.');
}

export interface Changing {
  readonly change: CardChange;
  /** The certificates that were kept before they were taken off. */
  readonly kept: readonly Uint8Array[];
  readonly commands: readonly Uint8Array[];
}

/** Makes a change to a card. @param pulledAfter so many commands */
export async function change(
  card: VirtualCard,
  request: CardChangeRequest,
  credential: Credential | null,
  pulledAfter = Infinity,
): Promise<Changing> {
  const kept: Uint8Array[] = [];
  const connection = insert(card, pulledAfter);
  const keep = (certificate: Uint8Array): Promise<string> => {
    kept.push(certificate);
    return Promise.resolve('/kept.cer');
  };
  const carryingOut = credential && { credential: { ...credential, bytes: credential.bytes.slice() }, keep };
  return {
    change: await changeCard(connection, null, request, carryingOut),
    kept,
    commands: connection.commands,
  };
}

export async function addition(
  certificate: Uint8Array,
  target: Partial<Extract<AdditionTarget, { kind: 'Key' }>> | 'Root' = {},
): Promise<CardChangeRequest> {
  const info = await readCertificate(certificate);
  const key = { kind: 'Key', container: null, keySpec: null, force: false } as const;
  return {
    kind: 'Add',
    certificate,
    info,
    target: target === 'Root' ? { kind: 'Root' } : { ...key, ...target },
  };
}

export interface Keyed {
  readonly certificate: Uint8Array;
  /** The value of template 7F49. */
  readonly publicKey: Uint8Array;
}

export const issuer: Promise<Issuer> = makeIssuer('Card Change Root');

/** A certificate with a new key. */
export async function issued(key: UserCertificate['key'] = 'RSA-2048'): Promise<Keyed> {
  const user = { commonName: 'User', upn: 'user@example.com', key, purpose: 'Logon' } as const;
  const { certificate, publicKey } = await issue(await issuer, user);
  return { certificate, publicKey: publicKeyValue(KeyObject.from(publicKey)) };
}

/** A GIDS card with a container for each key and no certificate. */
export function cardWithKeys(...keys: readonly Keyed[]): CardState {
  const state = initializedCard({ cardId, pin, adminKey: new Uint8Array(24) });
  for (const { publicKey } of keys) {
    const isRsa = publicKey[0] === 0x81;
    addContainer(state, {
      ...{ name: randomUUID(), keySpec: 'KeyExchange', publicKey },
      ...(isRsa ? { keySizeBits: 2048, mechanism: 0x07 } : { keySizeBits: 256, mechanism: 0x0c }),
    });
  }
  return state;
}
