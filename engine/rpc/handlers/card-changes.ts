import { isManagementKeyLength } from '../../card/piv-management-key.js';
import { certificateIn, unusable } from '../../certificate/certificate-file.js';
import { readCertificateOrNull, thumbprintOf } from '../../certificate/x509.js';
import { CertPropError } from '../../errors.js';
import type { Addition, CardChangeRequest, Credential } from '../../propagation/card-change.js';
import { dropStaleItems } from '../../propagation/card-cache.js';
import { changeCard, type CardChange, type CarryingOut } from '../../propagation/change-card.js';
import { readerNamed } from '../../propagation/readers.js';
import { visitCard } from '../../propagation/visit-cards.js';
import { visible, visibleOrNull } from '../../text.js';
import type { CardCertificateChange, Parameters, Results } from '../contract.js';
import { EventQueue } from '../events.js';
import type { RequestContext } from '../handler.js';
import type { World } from '../world.js';

type Adding = Parameters<'card/add-certificate'>;
type Removing = Parameters<'card/remove-certificate'>;

export function addCertificate(
  world: World,
  parameters: Adding,
  context: RequestContext,
): Promise<Results['card/add-certificate']> {
  return change(world, parameters, context, async () => {
    const given = await givenCertificate(world, parameters.certificate);
    return { kind: 'Add', ...given, target: parameters.target };
  });
}

export function removeCertificate(
  world: World,
  parameters: Removing,
  context: RequestContext,
): Promise<Results['card/remove-certificate']> {
  const { thumbprint } = parameters;
  return change(world, parameters, context, () => Promise.resolve({ kind: 'Remove', thumbprint }));
}

async function givenCertificate(
  world: World,
  given: Adding['certificate'],
): Promise<Pick<Addition, 'certificate' | 'info'>> {
  const [file, title] =
    given.kind === 'File'
      ? [await world.readCertificateFile(given.path), `The certificate file ${visible(given.path)}`]
      : [Buffer.from(given.data, 'base64'), 'The given certificate'];
  const certificate = certificateIn(file, title);
  const info = await readCertificateOrNull(certificate);
  if (info === null) throw unusable(title, 'no X.509 certificate can be read from it');
  return { certificate, info };
}

/** Windows' stale copies are dropped once the card is free again. */
async function change(
  world: World,
  parameters: Adding | Removing,
  context: RequestContext,
  request: () => Promise<CardChangeRequest>,
): Promise<CardCertificateChange> {
  const credential = await givenCredential(world, parameters.credential);
  try {
    const wanted = await request();
    const { readerName, cardId, trace, backupFolder } = parameters;
    const reader = readerNamed(await world.readers.list(), readerName);
    const observer = new EventQueue(context).observer(trace);
    const keep = keepOnce((certificate) => world.keepCardCertificate(backupFolder, certificate));
    const carryingOut: CarryingOut | null = credential && { credential, keep };
    const done = await visitCard(world.readers, reader, observer, context.signal, (card) =>
      changeCard(card, cardId, wanted, carryingOut),
    );
    const { counters, certificateFiles, write } = done.draft;
    if (world.cardCache !== null && counters !== null && write !== null && credential !== null) {
      const { before, after } = counters;
      await dropStaleItems(
        world.cardCache,
        done.cardId,
        { before, after, certificateFiles },
        observer.verbose,
      );
    }
    return await describe(reader.readerName, done, credential === null && write !== null);
  } finally {
    credential?.bytes.fill(0);
  }
}

/** The work on a card is begun again when another program resets it before the first write. */
function keepOnce(keep: CarryingOut['keep']): CarryingOut['keep'] {
  const kept = new Map<string, Promise<string>>();
  return (certificate) => {
    const thumbprint = thumbprintOf(certificate);
    const path = kept.get(thumbprint) ?? keep(certificate);
    kept.set(thumbprint, path);
    return path;
  };
}

/** The bytes that the client sent are wiped. */
async function givenCredential(world: World, given: Adding['credential']): Promise<Credential | null> {
  if (given === null) return null;
  if (given.kind === 'ManagementKeyFile') {
    return { kind: 'ManagementKey', bytes: keyOfDigits(await world.readManagementKeyFile(given.path)) };
  }
  const bytes = Uint8Array.from(given.bytes);
  given.bytes.fill(0);
  return given.kind === 'Pin' ? { kind: 'Pin', bytes } : { kind: 'ManagementKey', bytes: keyOfDigits(bytes) };
}

/**
 * The key that hex digits (ASCII) stand for, with white space around them; they are wiped. No string holds them on the way.
 * @throws CertPropError ManagementKeyInvalid
 */
function keyOfDigits(text: Uint8Array): Uint8Array {
  const digits = text.filter((code) => code > 0x20).map(digitValue);
  text.fill(0);
  const key = new Uint8Array(digits.length / 2).map(
    (_, at) => (digits[2 * at] ?? 0) * 16 + (digits[2 * at + 1] ?? 0),
  );
  const isKey =
    digits.length % 2 === 0 && digits.every((digit) => digit < 16) && isManagementKeyLength(key.length);
  digits.fill(0);
  if (isKey) return key;
  key.fill(0);
  throw new CertPropError(
    'ManagementKeyInvalid',
    'A management key has 32, 48 or 64 hex digits (AES-128; 3DES or AES-192; AES-256). It was not used.',
  );
}

/** 0 to 15, 255 for what is no hex digit. */
function digitValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = (code | 0x20) - 0x61;
  return letter >= 0 && letter < 6 ? letter + 10 : 0xff;
}

async function describe(
  readerName: string,
  { draft, cardId, backupPath }: CardChange,
  planned: boolean,
): Promise<CardCertificateChange> {
  const { action, place, certificate, lost, counters, write } = draft;
  // What is taken off a card may be no certificate that can be read.
  const info = await readCertificateOrNull(certificate);
  return {
    ...{ readerName: visible(readerName), cardId: visible(cardId), cardFamily: draft.cardFamily },
    ...{ action, planned, thumbprint: thumbprintOf(certificate) },
    ...{ subject: visible(info?.subject ?? ''), serialNumber: info?.serialNumber ?? '' },
    fileName: visible(place.fileName),
    container: visibleOrNull(place.container),
    ...{ keySpec: place.keySpec, slot: place.slot, isRoot: place.isRoot },
    replacedThumbprint: action === 'Replaced' && lost !== null ? thumbprintOf(lost) : null,
    containersFreshness: counters?.after.containersFreshness ?? null,
    filesFreshness: counters?.after.filesFreshness ?? null,
    previousContainersFreshness: counters?.before.containersFreshness ?? null,
    previousFilesFreshness: counters?.before.filesFreshness ?? null,
    backupPath: visibleOrNull(backupPath),
    credential: write?.credential ?? null,
  };
}
