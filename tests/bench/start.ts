/** From the engine's start to its first answer, over Node.js alone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startEngineClient } from '../../build/engine-client.js';
import { moduleFolder } from '../../build/root.js';
import { skipWithoutPcscd, startPcscd } from '../support/pcscd.js';
import { contender, interleave, median, range, table, timed, type Contender, type Part } from './measure.js';

const rounds = 25;
const engine = join(moduleFolder, 'engine', 'certprop.cjs');

const node = contender('node -e 0, to its end', () =>
  timed(() => once(spawn(process.execPath, ['-e', '0'], { stdio: ['pipe', 'pipe', 'inherit'] }), 'exit')),
);
const firstAnswer = contender('engine, to the answer of engine/info', () => startToAnswer('engine/info'));
const firstReaders = contender('engine, to the answer of reader/list', () => startToAnswer('reader/list'));

export const startPart: Part = {
  name: 'start',
  about: `engine start to first answer, both from spawn; ${rounds} runs each, interleaved`,
  seconds: 15,
  async run() {
    const noPcscd = skipWithoutPcscd();
    const contenders = noPcscd === false ? [node, firstAnswer, firstReaders] : [node, firstAnswer];
    const pcscd = noPcscd === false ? await startPcscd() : null;
    await interleave(contenders, rounds);
    await pcscd?.stop();

    const rows = contenders.map((each) => [
      each.name,
      median(each.samples).toFixed(1),
      range(each.samples),
      ratioToNode(each).toFixed(2),
    ]);
    console.log(table([['', 'median ms', 'range', 'to node'], ...rows]));
    if (noPcscd !== false) console.log(`reader/list is not measured: ${noPcscd}`);
    return {
      requirements: [
        {
          what: 'engine start to first answer over node -e 0',
          measured: ratioToNode(firstAnswer),
          limit: 1.6,
        },
      ],
    };
  },
};

async function startToAnswer(method: 'engine/info' | 'reader/list'): Promise<number> {
  const start = performance.now();
  const client = startEngineClient(engine);
  await client.request(method, {});
  const milliseconds = performance.now() - start;
  await client.end();
  return milliseconds;
}

function ratioToNode({ samples }: Contender<number>): number {
  return median(samples) / median(node.samples);
}
