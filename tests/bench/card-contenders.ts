/** The ways to read a card that are compared. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngineClient, type EngineClient } from '../../build/engine-client.js';
import { moduleFolder } from '../../build/root.js';
import type { InsertedCard } from '../../engine/virtual/vpcd.js';
import type { OpenscCertificate } from '../support/opensc.js';
import { contender, timed, type Contender } from './measure.js';
import type { UncachedOpensc } from './uncached-opensc.js';

/** What one run took of the card, and how long (ms). */
export interface CardSample {
  readonly commands: number;
  readonly milliseconds: number;
}

export interface CardContenders {
  readonly pkcs11: Contender<CardSample>;
  readonly pkcs11Start: Contender<CardSample>;
  readonly pkcs15: Contender<CardSample>;
  readonly pkcs15Start: Contender<CardSample>;
  readonly certificates: Contender<CardSample>;
  readonly coldCertificates: Contender<CardSample>;
  readonly plan: Contender<CardSample>;
  readonly roots: Contender<CardSample>;
}

const script = join(moduleFolder, 'engine', 'certprop.cjs');
const everyCard = { readers: null, allSlots: false, pkcs11Module: null, trace: 'None' } as const;

/** Each run fails unless it finds what was written to the card: less work would be no comparison. */
export function cardContenders({
  certificates,
  inserted,
  opensc,
  engine,
  storePath,
}: {
  certificates: readonly OpenscCertificate[];
  inserted: InsertedCard;
  opensc: UncachedOpensc;
  engine: EngineClient;
  storePath: string;
}): CardContenders {
  const written = certificates.map(({ certificate }) => Buffer.from(certificate).toString('base64'));

  async function measured(work: () => Promise<void>): Promise<CardSample> {
    const before = inserted.commandCount;
    const milliseconds = await timed(work);
    return { commands: inserted.commandCount - before, milliseconds };
  }

  function measuredContender(name: string, work: () => Promise<void>): Contender<CardSample> {
    return contender(name, () => measured(work));
  }

  async function openscLists(tool: 'pkcs11-tool' | 'pkcs15-tool', options: string[], entry: RegExp) {
    assert.equal((await opensc.run(tool, options)).match(entry)?.length, written.length);
  }

  async function listCertificates(client: EngineClient): Promise<void> {
    const found: string[] = [];
    await client.request('certificate/list', { ...everyCard, thumbprints: null, roots: false }, (event) => {
      if (event.kind === 'certificate') found.push(event.certificate.rawData);
    });
    assert.deepEqual(found, written);
  }

  async function listCertificatesCold(): Promise<CardSample> {
    let client: EngineClient | undefined;
    const sample = await measured(async () => {
      client = startEngineClient(script);
      await listCertificates(client);
    });
    await client?.end();
    return sample;
  }

  async function listRoots(): Promise<void> {
    await engine.request('certificate/list', { ...everyCard, thumbprints: null, roots: true });
  }

  async function plan(): Promise<void> {
    const { planId, count } = await engine.request('propagation/plan', {
      ...everyCard,
      targets: null,
      storePath,
      storeName: 'My',
      keyProvider: 'Auto',
      keyContainer: null,
    });
    assert.equal(count, written.length);
    await engine.request('plan/discard', { planId });
  }

  return {
    pkcs11: measuredContender('pkcs11-tool -O --type cert', () =>
      openscLists('pkcs11-tool', ['-O', '--type', 'cert'], /^Certificate Object/gm),
    ),
    pkcs11Start: measuredContender('pkcs11-tool, started without a card', () =>
      opensc.runWithoutCard('pkcs11-tool', ['--show-info']),
    ),
    pkcs15: measuredContender('pkcs15-tool --list-certificates', () =>
      openscLists('pkcs15-tool', ['--list-certificates'], /^X\.509 Certificate/gm),
    ),
    pkcs15Start: measuredContender('pkcs15-tool, started without a card', () =>
      opensc.runWithoutCard('pkcs15-tool', ['--list-certificates']),
    ),
    certificates: measuredContender('CertProp, certificates', () => listCertificates(engine)),
    coldCertificates: contender('CertProp, certificates, engine started for it', listCertificatesCold),
    plan: measuredContender('CertProp, plan (certificates, public keys, store)', plan),
    roots: measuredContender('CertProp, roots (the card has none)', listRoots),
  };
}

/** A running engine, and a folder for the store that it plans for. */
export async function startWarmEngine(): Promise<{
  engine: EngineClient;
  storePath: string;
  end(): Promise<void>;
}> {
  const storePath = await mkdtemp(join(tmpdir(), 'certprop-store-'));
  const engine = startEngineClient(script);
  return {
    engine,
    storePath,
    async end() {
      await engine.end();
      await rm(storePath, { recursive: true });
    },
  };
}
