/** Propagation on Windows' own stores under Wine: what it costs beyond reading the card. */
import assert from 'node:assert/strict';
import { pivCard } from '../../engine/virtual/piv-card.js';
import { putPivCertificate } from '../../engine/virtual/piv-objects.js';
import { newPivCard } from '../../engine/virtual/piv-state.js';
import { issue, makeIssuer } from '../../engine/virtual/sample-certificates.js';
import { startCardServer, type CardServer } from '../support/card-server.js';
import { personalStore, propagate, removeNamed } from '../support/engine-plan.js';
import { compileShim, setShimPort, skipWithoutMingw } from '../support/shims.js';
import { startEngine, type WineEngine } from '../support/wine-engine.js';
import { skipWithoutWine, startWine } from '../support/wine.js';
import { listCertificates } from './engine.js';
import { median, range, table, timed, type Part } from './measure.js';

const readerName = 'Virtual Reader 0';
const rounds = 9;

export const windowsPart: Part = {
  name: 'windows',
  about: `warm propagation of a PIV card's 4 certificates under Wine, whose key providers know none of them; ${rounds} runs each, interleaved`,
  seconds: 40,
  async run() {
    const skipped = skipWithoutWine() || skipWithoutMingw();
    if (skipped !== false) return { skipped };
    const [server, wine] = await Promise.all([
      startCardServer(),
      startWine({ shims: [compileShim('winscard')] }),
    ]);
    try {
      setShimPort(wine, 'winscard', server.port);
      server.addReader(readerName);
      server.insert(readerName, await cardWithFour());
      const engine = await startEngine(wine);
      console.log(table(await measure(engine, server)));
      await engine.end();
      return { requirements: [] };
    } finally {
      await wine.stop();
      await server.stop();
    }
  },
};

async function cardWithFour() {
  const state = newPivCard();
  const issuer = await makeIssuer('PIV Test Root');
  for (const slot of ['9A', '9C', '9D', '9E']) {
    const user = { commonName: `User ${slot}`, upn: `${slot}@example.com`, purpose: 'Logon' } as const;
    putPivCertificate(state, slot, (await issue(issuer, { ...user, key: 'RSA-2048' })).certificate);
  }
  return pivCard(state);
}

async function measure(engine: WineEngine, server: CardServer): Promise<string[][]> {
  const samples = { list: [] as number[], add: [] as number[], again: [] as number[] };
  let commands = 0;
  for (let round = 0; round <= rounds; round += 1) {
    const list = await timed(() => listCertificates(engine));
    const before = server.commandCount(readerName);
    const thumbprints: string[] = [];
    const add = await timed(async () => {
      const { results } = await propagate(engine, personalStore);
      thumbprints.push(...results.map(({ thumbprint }) => thumbprint));
      assert.deepEqual(
        results.map(({ action }) => action),
        ['Added', 'Added', 'Added', 'Added'],
      );
    });
    commands = server.commandCount(readerName) - before;
    const again = await timed(() => propagate(engine, personalStore));
    await removeNamed(engine, personalStore, thumbprints);
    if (round === 0) continue;
    samples.list.push(list);
    samples.add.push(add);
    samples.again.push(again);
  }
  const floor = median(samples.list);
  return [
    ['', 'median ms', 'range', 'over listing', 'APDUs'],
    ...(['list', 'add', 'again'] as const).map((name) => [
      { list: 'list the certificates', add: 'propagate: Added', again: 'propagate again: Unchanged' }[name],
      median(samples[name]).toFixed(0),
      range(samples[name]),
      (median(samples[name]) / floor).toFixed(2),
      name === 'list' ? '' : String(commands),
    ]),
  ];
}
