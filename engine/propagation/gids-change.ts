/** Drafts of changes to a GIDS card. */
import {
  carryOut,
  certificateFileNames,
  planWrites,
  readCertificates,
  readCounters,
  readMinidriverFile,
  readRoots,
  type Gids,
  type GidsChange,
} from '../card/gids.js';
import type { CardCertificateFile } from '../card/card.js';
import { decodeCertificateFile, encodeCertificateFile } from '../card/minidriver/certificate-file.js';
import {
  certificateFileName,
  numberBase,
  parseCertificateName,
} from '../card/minidriver/certificate-names.js';
import { encodeRoots, parseRoots } from '../card/minidriver/msroots.js';
import { isObjectError } from '../card/object-error.js';
import { authorityOf } from '../certificate/authority.js';
import { thumbprintOf } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import type { Addition, CardDraft, CardPlace, KeyTarget } from './card-change.js';
import { noRoot } from './card-change-error.js';
import { certificateNotOnCard } from './card-error.js';
import { chooseContainer, type ChosenContainer } from './gids-container.js';
import { refuseLastTry } from './last-try.js';

const rootsName = 'msroots';
const lastTryRemedy =
  'Have the right PIN accepted first (sign in with the card, or Set-CardCacheCounter -Force), which gives the tries back.';

/** @param newName for a container that the card's map doesn't have yet */
export async function draftGidsAddition(gids: Gids, addition: Addition, newName: string): Promise<CardDraft> {
  const { target, certificate, info } = addition;
  if (target.kind === 'Root') {
    if (authorityOf(info, certificate) !== 'Root') throw noRoot(gids.card);
    return draftRoots(gids, certificate, 'Added');
  }
  return draftKeyCertificate(gids, addition, target, newName);
}

/** @throws CertPropError CertificateNotOnCard */
export async function draftGidsRemoval(gids: Gids, thumbprint: string): Promise<CardDraft> {
  for await (const file of filesOf(gids)) {
    if ('error' in file || thumbprintOf(file.certificate) !== thumbprint) continue;
    if (file.isRoot) return draftRoots(gids, file.certificate, 'Removed');
    const change = { containerMap: null, file: { name: file.fileName, content: null } };
    return draft(gids, change, {
      ...{ action: 'Removed', certificate: file.certificate, lost: file.certificate },
      place: placeOf(file),
    });
  }
  throw certificateNotOnCard(gids.card.readerName, thumbprint);
}

async function* filesOf(gids: Gids): ReturnType<typeof readCertificates> {
  yield* readCertificates(gids);
  yield* readRoots(gids);
}

async function draftKeyCertificate(
  gids: Gids,
  { certificate, info }: Addition,
  target: KeyTarget,
  newName: string,
): Promise<CardDraft> {
  const container = await chooseContainer(gids, info.publicKey, target, newName);
  const { index, name, keySpec, newMap } = container;
  const fileName = await certificateFileNameOf(gids, container);
  const place = { fileName, container: name, keySpec, slot: String(index), isRoot: false };
  const old = await readOld(gids, fileName);
  const isThere = old !== null && Buffer.compare(old, certificate) === 0;
  const file = isThere ? null : { name: fileName, content: encodeCertificateFile(certificate) };
  const action = isThere ? (newMap === null ? 'Unchanged' : 'Added') : old === null ? 'Added' : 'Replaced';
  const lost = isThere ? null : old;
  return draft(gids, { containerMap: newMap, file }, { action, place, certificate, lost });
}

/** The name of the file that is there, else one that is numbered as the card's others are. */
async function certificateFileNameOf(gids: Gids, { index, keySpec }: ChosenContainer): Promise<string> {
  const names = certificateFileNames(gids).flatMap((name) => parseCertificateName(name) ?? []);
  const valid = new Set((await gids.containers()).map((container) => container.index)).add(index);
  return certificateFileName(
    keySpec,
    index,
    numberBase(names, (one) => valid.has(one)),
  );
}

/** Null where there is none, or none that can be used. */
async function readOld(gids: Gids, fileName: string): Promise<Uint8Array | null> {
  if (!certificateFileNames(gids).includes(fileName.toLowerCase())) return null;
  try {
    return decodeCertificateFile(await readMinidriverFile(gids, fileName.toLowerCase()));
  } catch (error) {
    if (isObjectError(error)) return null;
    throw error;
  }
}

async function draftRoots(
  gids: Gids,
  certificate: Uint8Array,
  action: 'Added' | 'Removed',
): Promise<CardDraft> {
  const roots = await readRootBag(gids);
  const others = roots.filter((root) => Buffer.compare(root, certificate) !== 0);
  const isThere = others.length < roots.length;
  const place = { fileName: rootsName, container: null, keySpec: null, slot: null, isRoot: true };
  if (action === 'Added' && isThere) {
    const nothing = { containerMap: null, file: null };
    return draft(gids, nothing, { action: 'Unchanged', place, certificate, lost: null });
  }
  const content = encodeRoots(action === 'Added' ? [...roots, certificate] : others);
  const lost = action === 'Removed' ? certificate : null;
  return draft(
    gids,
    { containerMap: null, file: { name: rootsName, content } },
    { action, place, certificate, lost },
  );
}

/** A damaged bag is not written over: it may hold what could still be saved. */
async function readRootBag(gids: Gids): Promise<Uint8Array[]> {
  try {
    return await parseRoots(await readMinidriverFile(gids, rootsName));
  } catch (error) {
    if (error instanceof CertPropError && error.id === 'CardObjectNotFound') return [];
    throw error;
  }
}

async function draft(
  gids: Gids,
  change: GidsChange,
  what: Pick<CardDraft, 'action' | 'place' | 'certificate' | 'lost'>,
): Promise<CardDraft> {
  const { writes, before, after } = planWrites(
    { masterFile: gids.masterFile, counters: await readCounters(gids) },
    change,
  );
  const added = what.place.isRoot ? [] : [what.place.fileName.toLowerCase()];
  return {
    ...what,
    cardFamily: 'GIDS',
    counters: { before, after },
    certificateFiles: [...new Set([...certificateFileNames(gids), ...added])],
    write:
      writes.length === 0
        ? null
        : {
            credential: 'Pin',
            async carryOut(pin) {
              await refuseLastTry(gids, lastTryRemedy);
              await carryOut(gids, writes, pin);
              return gids.cardId;
            },
          },
  };
}

function placeOf({ fileName, container, keySpec, slot, isRoot }: CardCertificateFile): CardPlace {
  return { fileName, container: container?.name ?? null, keySpec, slot, isRoot };
}
