import { writeFile } from 'node:fs/promises';
import type { CardCertificate, StreamEvent } from '../../engine/rpc/contract.js';
import type { PropagationResult } from '../../engine/propagation/result.js';
import { noSelectors, plainPropagation, startEngineClient, type EngineClient } from '../engine-client.js';
import type { DemoSetUp } from './set-up.js';
import { table } from './table.js';

/** Runs the demo against the engine itself, for machines without PowerShell. */
export async function demoOverJsonRpc(demo: DemoSetUp): Promise<void> {
  console.log(`CertProp with a virtual GIDS card, and a store in the temporary folder ${demo.storePath}.`);
  console.log('pwsh is not on PATH: this shows the engine; the cmdlets do the same.');
  const engine = startEngineClient(demo.engineScript);
  try {
    await showSteps(engine, demo);
  } finally {
    await engine.end();
  }
}

async function showSteps(engine: EngineClient, demo: DemoSetUp): Promise<void> {
  heading('Insert the card');
  await writeFile(demo.cardSlot, demo.cardImage);

  heading('List its certificates');
  showCertificates(await list(engine, false));
  heading('List its roots');
  showCertificates(await list(engine, true));

  heading('Plan');
  showResults((await planPropagation(engine, demo)).results);
  heading('Propagate');
  showResults(await apply(engine, await planPropagation(engine, demo)));
  heading('Propagate again');
  showResults(await apply(engine, await planPropagation(engine, demo)));

  heading('Raise the cache counters');
  await raiseCounters(engine, demo);
  heading('Take it back');
  showResults(await apply(engine, await planRemoval(engine, demo, false)));
  heading('Take back the root');
  showResults(await apply(engine, await planRemoval(engine, demo, true)));
}

interface Plan {
  readonly planId: number;
  readonly results: readonly PropagationResult[];
}

async function list(engine: EngineClient, roots: boolean): Promise<readonly CardCertificate[]> {
  const certificates: CardCertificate[] = [];
  await engine.request(
    'certificate/list',
    { readers: null, thumbprints: null, roots, allSlots: false, pkcs11Module: null, trace: 'None' },
    failOnProblem((event) => {
      if (event.kind === 'certificate') certificates.push(event.certificate);
    }),
  );
  return certificates;
}

async function planPropagation(engine: EngineClient, { storePath }: DemoSetUp): Promise<Plan> {
  const { results, collect } = resultCollector();
  const { planId } = await engine.request(
    'propagation/plan',
    { ...plainPropagation, storePlace: { kind: 'Folder', path: storePath }, storeName: 'My' },
    collect,
  );
  return { planId, results };
}

async function planRemoval(
  engine: EngineClient,
  { storePath, readerName }: DemoSetUp,
  roots: boolean,
): Promise<Plan> {
  const { results, collect } = resultCollector();
  const { planId } = await engine.request(
    'removal/plan',
    {
      ...{ ...noSelectors, readers: roots ? null : [readerName], named: false, roots, backup: null },
      ...{ storePlace: { kind: 'Folder', path: storePath }, storeNames: ['My'], trace: 'None' },
    },
    collect,
  );
  return { planId, results };
}

async function apply(engine: EngineClient, plan: Plan): Promise<readonly PropagationResult[]> {
  const { results, collect } = resultCollector();
  const indexes = [...plan.results.keys()];
  await engine.request('plan/apply', { planId: plan.planId, indexes, trace: 'None' }, collect);
  return results;
}

async function raiseCounters(engine: EngineClient, demo: DemoSetUp): Promise<void> {
  const { counters } = await engine.request('counter/read', { readers: [demo.readerName], trace: 'None' });
  const [before] = counters;
  if (before === undefined) throw new Error('no counters were read');
  const after = await engine.request('counter/write', {
    readerName: before.readerName,
    cardId: before.cardId,
    increment: ['Container', 'File'],
    containersFreshness: null,
    filesFreshness: null,
    pin: [...Buffer.from(demo.pin)],
    force: false,
    trace: 'None',
  });
  console.log(
    table([after], {
      ReaderName: ({ readerName }) => readerName,
      CardId: ({ cardId }) => cardId,
      ContainersFreshness: (row) => `${row.previousContainersFreshness} -> ${row.containersFreshness}`,
      FilesFreshness: (row) => `${row.previousFilesFreshness} -> ${row.filesFreshness}`,
    }),
  );
}

function resultCollector(): { results: PropagationResult[]; collect: (event: StreamEvent) => void } {
  const results: PropagationResult[] = [];
  const collect = failOnProblem((event) => {
    if (event.kind === 'result') results.push(event.result);
  });
  return { results, collect };
}

function failOnProblem(take: (event: StreamEvent) => void): (event: StreamEvent) => void {
  return (event) => {
    if (event.kind === 'error' || event.kind === 'warning') console.error(event.error.message);
    if (event.kind === 'error') process.exitCode = 1;
    take(event);
  };
}

function heading(text: string): void {
  console.log(`\n== ${text}`);
}

function showCertificates(certificates: readonly CardCertificate[]): void {
  console.log(
    table(certificates, {
      Thumbprint: ({ thumbprint }) => thumbprint,
      Subject: ({ subject }) => subject,
      Key: ({ keyAlgorithm }) => keyAlgorithm,
      File: ({ fileName }) => fileName,
      Container: ({ container }) => container ?? '',
    }),
  );
}

function showResults(results: readonly PropagationResult[]): void {
  console.log(
    table(results, {
      Action: ({ action, planned }) => (planned ? `${action} (planned)` : action),
      Reason: ({ reason }) => reason,
      Thumbprint: ({ thumbprint }) => thumbprint,
      Store: ({ store }) => store,
      Provider: ({ provider }) => provider ?? '',
    }),
  );
}
