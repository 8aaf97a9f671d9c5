/** The ways to read a card that are compared. */
import assert from 'node:assert/strict';
import { plainPropagation, startEngineClient, type EngineClient } from '../../build/engine-client.js';
import type { InsertedCard } from '../../engine/virtual/vpcd.js';
import type { BenchCard } from './cards.js';
import { engineScript, listCertificates, plainReading } from './engine.js';
import { contender, timed, type Contender } from './measure.js';
import type { CardTools } from './card-tools.js';

/** What one run took of the card, and how long (ms). */
export interface CardSample {
  readonly commands: number;
  readonly milliseconds: number;
}

/** Another program, and what its start alone costs. */
export interface ToolContender {
  readonly reading: Contender<CardSample>;
  readonly start: Contender<CardSample>;
  /** How often the program is started for one reading. */
  readonly starts: number;
}

export interface CardContenders {
  readonly pkcs11: ToolContender;
  readonly pkcs15: ToolContender;
  /** Null for a card that isn't PIV. */
  readonly yubico: ToolContender | null;
  readonly certificates: Contender<CardSample>;
  readonly coldCertificates: Contender<CardSample>;
  readonly plan: Contender<CardSample>;
  readonly roots: Contender<CardSample>;
}

/** Each run fails unless it finds what was written to the card: less work would be no comparison. */
export function cardContenders({
  card,
  inserted,
  tools,
  engine,
  storePath,
}: {
  card: BenchCard;
  inserted: InsertedCard;
  tools: CardTools;
  engine: EngineClient;
  storePath: string;
}): CardContenders {
  const written = card.certificates.map((certificate) => Buffer.from(certificate).toString('base64'));

  async function measured(work: () => Promise<void>): Promise<CardSample> {
    const before = inserted.commandCount;
    const milliseconds = await timed(work);
    return { commands: inserted.commandCount - before, milliseconds };
  }

  function measuredContender(name: string, work: () => Promise<void>): Contender<CardSample> {
    return contender(name, () => measured(work));
  }

  function toolContender(
    name: string,
    starts: number,
    read: () => Promise<void>,
    start: () => Promise<void>,
  ): ToolContender {
    return {
      reading: measuredContender(name, read),
      start: measuredContender(`${name.replace(/[ ,].*/u, '')}, started without a card`, start),
      starts,
    };
  }

  async function listWithEngine(client: EngineClient): Promise<void> {
    assert.deepEqual(await listCertificates(client), written);
  }

  async function listCertificatesCold(): Promise<CardSample> {
    let client: EngineClient | undefined;
    const sample = await measured(async () => {
      client = startEngineClient(engineScript);
      await listWithEngine(client);
    });
    await client?.end();
    return sample;
  }

  async function listRoots(): Promise<void> {
    await engine.request('certificate/list', { ...plainReading, thumbprints: null, roots: true });
  }

  async function plan(): Promise<void> {
    const { planId, count } = await engine.request('propagation/plan', {
      ...{ ...plainPropagation, ...plainReading },
      storePlace: { kind: 'Folder', path: storePath },
      storeName: 'My',
    });
    assert.equal(count, written.length);
    await engine.request('plan/discard', { planId });
  }

  const { pivSlots } = card;
  return {
    pkcs11: toolContender(
      'pkcs11-tool -O --type cert',
      1,
      async () => {
        assert.equal(await tools.countWithPkcs11(), written.length);
      },
      tools.startPkcs11,
    ),
    pkcs15: toolContender(
      'pkcs15-tool --list-certificates, a read of each',
      1 + written.length,
      async () => {
        assert.deepEqual((await tools.readWithPkcs15()).toSorted(), written.toSorted());
      },
      tools.startPkcs15,
    ),
    yubico:
      pivSlots.length === 0
        ? null
        : toolContender(
            'yubico-piv-tool, read-certificate of each',
            pivSlots.length,
            async () => {
              assert.deepEqual(await tools.readWithYubico(pivSlots), written);
            },
            tools.startYubico,
          ),
    certificates: measuredContender('CertProp, certificates', () => listWithEngine(engine)),
    coldCertificates: contender('CertProp, certificates, engine started for it', listCertificatesCold),
    plan: measuredContender('CertProp, plan (certificates, public keys, store)', plan),
    roots: measuredContender('CertProp, roots (the card has none)', listRoots),
  };
}

export function toolsOf({ pkcs11, pkcs15, yubico }: CardContenders): ToolContender[] {
  return yubico === null ? [pkcs11, pkcs15] : [pkcs11, pkcs15, yubico];
}

export function everyContender(all: CardContenders): Contender<CardSample>[] {
  const { certificates, coldCertificates, plan, roots } = all;
  const tools = toolsOf(all).flatMap(({ reading, start }) => [reading, start]);
  return [...tools, certificates, coldCertificates, plan, roots];
}
