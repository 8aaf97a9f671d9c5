/** The main job with -StoreProvider DotNet: the built engine, a virtual card, and .NET programs that look at what came of it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import {
  noSelectors,
  plainPropagation,
  startEngineClient,
  type EngineClient,
} from '../../build/engine-client.js';
import { demoModuleFolder, root } from '../../build/root.js';
import type { PropagationResult } from '../../engine/propagation/result.js';
import type { StreamEvent } from '../../engine/rpc/contract.js';
import { writeCardImage } from '../../engine/virtual/card-image.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { linuxWitness, skipWithoutDotnet, type Witness } from '../support/dotnet-witness.js';
import { skipWithoutPwsh } from '../support/pwsh.js';

const run = promisify(execFile);
const readerName = 'Virtual Reader 00';
const store = {
  storePlace: { kind: 'DotNet', location: 'CurrentUser' },
  storeName: 'My',
  trace: 'None',
} as const;

describe("propagation to .NET's store", { skip: skipWithoutDotnet() }, () => {
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  let witness: Witness;
  let engine: EngineClient;
  let onCard: readonly string[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certprop-dotnet-'));
    environment = { PATH: process.env.PATH, HOME: folder, DOTNET_ROOT: process.env.DOTNET_ROOT };
    witness = await linuxWitness(folder, environment);
    const engineFolder = join(folder, 'CertProp', 'engine');
    const built = join(demoModuleFolder, 'engine');
    await cp(built, engineFolder, {
      recursive: true,
      filter: (path) => path !== join(built, 'readers'),
    });
    onCard = await insertCard(engineFolder);
    engine = startEngineClient(join(engineFolder, 'certprop.cjs'), environment);
  });
  after(async () => {
    await engine.end();
    await rm(folder, { recursive: true });
  });

  /** The thumbprints of the certificates on a new card, sorted. */
  async function insertCard(engineFolder: string): Promise<readonly string[]> {
    const { state, certificates } = await makeSampleCard();
    const reader = join(engineFolder, 'readers', readerName);
    await mkdir(reader, { recursive: true });
    await writeFile(join(reader, 'card.json'), writeCardImage(state));
    return [...certificates.values()].map(sha1).sort();
  }

  async function witnessed(): Promise<readonly string[]> {
    return (await witness.list('CurrentUser', 'My')).map(({ thumbprint }) => thumbprint).sort();
  }

  async function seenByPwsh(): Promise<readonly string[]> {
    const script =
      "$s = [Security.Cryptography.X509Certificates.X509Store]::new('My', 'CurrentUser'); $s.Open('ReadOnly'); $s.Certificates.Thumbprint";
    const given = ['-NoProfile', '-NonInteractive', '-Command', script];
    const { stdout } = await run('pwsh', given, { env: environment, timeout: 60_000 });
    return stdout.split('\n').filter(Boolean).sort();
  }

  const propagate = (): Promise<Outcome> =>
    carryOut(engine, (collect) =>
      engine.request('propagation/plan', { ...plainPropagation, ...store }, collect),
    );

  const remove = (selected: { thumbprints: string[] | null; readers: string[] | null }): Promise<Outcome> =>
    carryOut(engine, (collect) =>
      engine.request(
        'removal/plan',
        {
          ...{
            ...noSelectors,
            ...selected,
            named: selected.thumbprints !== null,
            roots: false,
            backup: null,
          },
          ...{ storePlace: store.storePlace, storeNames: [store.storeName], trace: store.trace },
        },
        collect,
      ),
    );

  test('without the package, the error says how to install it', async () => {
    await assert.rejects(propagate(), (error: Error) => {
      assert.ok('data' in error);
      assert.equal((error.data as { id: string }).id, 'DotNetUnavailable');
      const command = `npm install --prefix "${join(folder, 'CertProp')}" node-api-dotnet@`;
      assert.ok(error.message.includes(command), error.message);
      return true;
    });
    await mkdir(join(folder, 'CertProp', 'node_modules'));
    const installed = join(root, 'node_modules', 'node-api-dotnet');
    await symlink(installed, join(folder, 'CertProp', 'node_modules', 'node-api-dotnet'));
  });

  test("a card's certificates are added, without links, and .NET programs see them", async () => {
    const { planned, done } = await propagate();
    assert.deepEqual(
      planned,
      done.map((result) => ({ ...result, planned: true })),
    );
    const added = done.filter(({ store }) => store === 'My');
    assert.deepEqual(added.map(({ thumbprint }) => thumbprint).sort(), onCard);
    for (const { action, reason, provider } of added) {
      assert.deepEqual([action, reason, provider], ['Added', 'StoreKeepsNoLink', null]);
    }
    assert.deepEqual(
      done.filter((result) => !added.includes(result)).map(({ store, reason }) => [store, reason]),
      [['SmartCardRoot', 'RootCertificate']],
    );
    assert.deepEqual(await witnessed(), onCard);
  });

  test('PowerShell sees them too', { skip: skipWithoutPwsh() }, async () => {
    assert.deepEqual(await seenByPwsh(), onCard);
  });

  test('a second time, they are unchanged', async () => {
    const { done } = await propagate();
    assert.deepEqual(
      new Set(done.map(({ action, reason }) => `${action} ${reason}`)),
      new Set(['Unchanged AlreadyInStore', 'Skipped RootCertificate']),
    );
  });

  test('removed by their card they are not: nothing shows where they came from', async () => {
    const { done } = await remove({ thumbprints: null, readers: [readerName] });
    assert.deepEqual(done.map(({ thumbprint }) => thumbprint).sort(), onCard);
    assert.deepEqual(
      new Set(done.map(({ action, reason }) => `${action} ${reason}`)),
      new Set(['Skipped NoEvidence']),
    );
    assert.deepEqual(await witnessed(), onCard);
  });

  test('named by thumbprint they are, and .NET programs see none', async () => {
    const { done } = await remove({ thumbprints: [...onCard], readers: null });
    assert.deepEqual(
      new Set(done.map(({ action, reason }) => `${action} ${reason}`)),
      new Set(['Removed NamedByThumbprint']),
    );
    assert.deepEqual(await witnessed(), []);
  });

  test('with .NET in it, the engine still ends with its input', async () => {
    assert.equal(await engine.end(), 0);
  });
});

interface Outcome {
  readonly planned: readonly PropagationResult[];
  readonly done: readonly PropagationResult[];
}

type Collect = (event: StreamEvent) => void;

/** Makes a plan and applies all of it. Anything but a result is a failure. */
async function carryOut(
  engine: EngineClient,
  plan: (collect: Collect) => Promise<{ planId: number }>,
): Promise<Outcome> {
  const planned: PropagationResult[] = [];
  const done: PropagationResult[] = [];
  const { planId } = await plan(into(planned));
  await engine.request('plan/apply', { planId, indexes: [...planned.keys()], trace: 'None' }, into(done));
  return { planned, done };
}

function into(results: PropagationResult[]): Collect {
  return (event) => {
    assert.ok(event.kind === 'result', JSON.stringify(event));
    results.push(event.result);
  };
}

function sha1(der: Uint8Array): string {
  return createHash('sha1').update(der).digest('hex').toUpperCase();
}
