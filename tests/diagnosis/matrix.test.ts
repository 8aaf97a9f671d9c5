/** Faults that are planted byte by byte, alone and in pairs, are named by the check that is theirs and by no other. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { copyBed, diagnoseBed, failedChecks, families, makeMaterial, writeBed } from './bed.js';
import type { Family } from './faults/bed-files.js';
import { faults, type Fault } from './faults/faults.js';
import { rowOf } from './table.js';

const documented = readFileSync('docs/troubleshooting.md', 'utf8').split('\n');

test('the table of docs/troubleshooting.md has one row for each fault', () => {
  const start = documented.findIndex((line) => line.startsWith('| symptom '));
  const rows = documented.slice(start + 2, documented.indexOf('', start));
  assert.deepEqual(
    rows.map((row) => row.split(' | ')[1]),
    faults.map(({ name }) => name),
  );
});

test('about_CertProp_Troubleshooting has the symptom, the fault and the check of each', () => {
  const topic = readFileSync('module/en-US/about_CertProp_Troubleshooting.help.txt', 'utf8').replaceAll(
    /\s+/gu,
    ' ',
  );
  for (const { symptom, name, check } of faults)
    assert.ok(topic.includes(`${symptom} ${check}: ${name}. -> `), name);
});

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certprop-diagnosis-'));
  const material = await makeMaterial();
  for (const family of families) writeBed(join(folder, family), family, material);
});
after(() => rm(folder, { recursive: true }));

let beds = 0;

/** Plants each fault on a card of its own, and gives the checks that failed. */
async function failedWith(family: Family, planted: readonly Fault[]): Promise<readonly string[]> {
  return failedChecks((await diagnoseWith(family, planted)).diagnosis);
}

async function diagnoseWith(family: Family, planted: readonly Fault[]) {
  beds += 1;
  const bed = join(folder, `bed ${beds}`);
  copyBed(join(folder, family), bed);
  for (const [side, { plant }] of planted.entries()) plant({ folder: bed, family }, side === 0 ? 0 : 1);
  const diagnosis = await diagnoseBed(bed);
  await rm(bed, { recursive: true });
  return { bed, diagnosis };
}

function isOn(family: Family): (fault: Fault) => boolean {
  return (fault) => fault.families?.includes(family) !== false;
}

function hides(a: Fault, b: Fault): boolean {
  return a.hides?.includes(b.name) === true || b.hides?.includes(a.name) === true;
}

test('there are at least 20 faults, planted without the engine', () => {
  assert.ok(faults.length >= 20, String(faults.length));
  const sources = join('tests', 'diagnosis', 'faults');
  for (const name of readdirSync(sources)) {
    const imports = [...readFileSync(join(sources, name), 'utf8').matchAll(/from '(?<path>[^']+)'/gu)];
    for (const [, path = ''] of imports) assert.match(path, /^(?:node:[a-z]+|\.\/[a-z-]+\.js)$/u, name);
  }
});

type Pair = readonly [Fault, Fault];

const pairs: readonly Pair[] = faults.flatMap((first, index) =>
  faults
    .slice(index + 1)
    .filter((second) => !hides(first, second))
    .map((second): Pair => [first, second]),
);

/** Each pair has its turn with one of the families on which it can be. */
function familyOf(pair: Pair): Family {
  const possible = families.filter((family) => pair.every(isOn(family)));
  return possible[pairs.indexOf(pair) % possible.length] ?? 'GIDS';
}

for (const family of families) {
  describe(family, () => {
    test('the healthy set-up has no Failed check, and no warning', async () => {
      const { findings, errors } = await diagnoseBed(join(folder, family));
      assert.deepEqual(
        findings.filter(({ status }) => status === 'Failed' || status === 'Warning'),
        [],
      );
      assert.deepEqual(errors, []);
    });

    const possible = faults.filter(isOn(family));
    for (const fault of possible) {
      test(`${fault.name}: ${fault.check}`, async () => {
        const { bed, diagnosis } = await diagnoseWith(family, [fault]);
        assert.deepEqual(failedChecks(diagnosis), [fault.check]);
        if (family !== families.find((first) => isOn(first)(fault))) return;
        const [finding] = diagnosis.findings.filter(({ status }) => status === 'Failed');
        const row = rowOf(fault, finding ?? assert.fail(), bed);
        assert.ok(documented.includes(row), `docs/troubleshooting.md lacks the row\n${row}`);
      });
    }

    test('pairs of faults, one on each card, are named by both checks', async () => {
      const wrong: string[] = [];
      for (const [first, second] of pairs.filter((pair) => familyOf(pair) === family)) {
        const failed = await failedWith(family, [first, second]);
        const expected = [...new Set([first.check, second.check])].toSorted();
        if (failed.join() !== expected.join())
          wrong.push(`${first.name} + ${second.name}: ${failed.join()} instead of ${expected.join()}`);
      }
      assert.deepEqual(wrong, []);
    });
  });
}
