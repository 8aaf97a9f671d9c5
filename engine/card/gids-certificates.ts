/** What a GIDS card holds in its minidriver directory: containers, their certificates, and trusted roots. */
import type { CardCertificateFile, CardContainer, KeySpec, UnreadableFile } from './card.js';
import { directories, readFile, type Gids } from './gids-application.js';
import { findFile, type MasterFileRecord } from './gids-master-file.js';
import { decodeCertificateFile } from './minidriver/certificate-file.js';
import { numberBase, parseCertificateName, type CertificateName } from './minidriver/certificate-names.js';
import { parseRoots } from './minidriver/msroots.js';
import { attempt } from './object-error.js';

const rootsName = 'msroots';

/** @throws CertPropError MalformedCardData, CardCommandFailed */
export function readContainers(gids: Gids): Promise<readonly CardContainer[]> {
  return gids.containers();
}

/**
 * The certificates of the card's keys, one after the other as they are read. A file that can't be used comes with its error, and the
 * others follow; without a usable container map they come without container.
 * @throws all that `transmit` throws
 */
export async function* readCertificates(gids: Gids): AsyncGenerator<CardCertificateFile | UnreadableFile> {
  const names = certificateNames(gids.files);
  if (names.length === 0) return;
  const containers = await attempt('cmapfile', () => gids.containers());
  if ('error' in containers) yield containers;
  const byIndex = new Map(
    ('error' in containers ? [] : containers.value).map((container) => [container.index, container]),
  );
  const base = numberBase(names, (index) => byIndex.has(index));
  for (const { fileName, keySpec, digits } of names) {
    const container = byIndex.get(Number.parseInt(digits, base)) ?? null;
    const certificate = await attempt(fileName, async () =>
      decodeCertificateFile(await readFile(gids, directories.minidriver, fileName)),
    );
    if ('error' in certificate) yield certificate;
    else yield certificateFile(fileName, certificate.value, container, keySpec);
  }
}

/**
 * The trusted roots on the card; none if there is no file of them.
 * @throws all that `transmit` throws
 */
export async function* readRoots(gids: Gids): AsyncGenerator<CardCertificateFile | UnreadableFile> {
  const fileName = rootsName;
  if (findFile(gids.files, directories.minidriver, fileName) === null) return;
  const roots = await attempt(fileName, async () =>
    parseRoots(await readFile(gids, directories.minidriver, fileName)),
  );
  if ('error' in roots) {
    yield roots;
    return;
  }
  for (const certificate of roots.value) {
    yield {
      ...{ fileName, certificate, label: null, isRoot: true },
      ...{ slot: null, container: null, keySpec: null, key: 'None' },
    };
  }
}

function certificateFile(
  fileName: string,
  certificate: Uint8Array,
  container: CardContainer | null,
  keySpec: KeySpec,
): CardCertificateFile {
  const key = container === null ? 'None' : 'Named';
  const slot = container === null ? null : String(container.index);
  return { fileName, certificate, slot, container, keySpec, key, label: null, isRoot: false };
}

/** Each certificate file once, in the order of the card's table of files. */
export function certificateNames(files: readonly MasterFileRecord[]): CertificateName[] {
  const names = files
    .filter(({ directory }) => directory === directories.minidriver)
    .map(({ name }) => parseCertificateName(name));
  return [...new Map(names.flatMap((name) => (name === null ? [] : [[name.fileName, name]]))).values()];
}
