import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import * as v from 'valibot';
import { root } from '../../build/root.js';
import { run } from '../../build/run.js';

const forbidden = [
  ['engine/card/gids.ts', 'engine/store/profile.ts'],
  ['engine/card/gids.ts', 'engine/pcsc/pcsc.ts'],
  ['engine/certificate/x509.ts', 'engine/store/store.ts'],
  ['engine/store/profile.ts', 'engine/propagation/plan.ts'],
  ['engine/propagation/plan.ts', 'engine/rpc/server.ts'],
  ['engine/text.ts', 'engine/card/card.ts'],
  ['engine/main.ts', 'engine/virtual/gids-card.ts'],
  ['engine/virtual/gids-card.ts', 'engine/card/gids.ts'],
  ['engine/rpc/server.ts', 'engine/pcsc/pcsc.ts'],
  ['engine/rpc/server.ts', 'engine/main.ts'],
  ['engine/diagnosis/checks.ts', 'engine/rpc/world.ts'],
  ['engine/diagnosis/checks.ts', 'engine/machine/machine.ts'],
  ['engine/store/profile.ts', 'tests/support/require.ts'],
] as const;
const allowed = [
  ['engine/main.ts', 'engine/store/windows.ts'],
  ['engine/card/gids.ts', 'engine/pcsc/reader.ts'],
  ['engine/store/profile.ts', 'engine/errors.ts'],
  ['engine/demo.ts', 'engine/virtual/gids-card.ts'],
  ['engine/propagation/plan.ts', 'engine/store/store.ts'],
] as const;
const report = v.object({
  summary: v.object({ violations: v.array(v.object({ from: v.string(), to: v.string() })) }),
});

/** The imports that the rules refuse, as `from → to`, in a project that has all the imports above. */
let refused = new Set<string>();

before(async () => {
  const project = await mkdtemp(join(tmpdir(), 'imports-'));
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
    await cp(join(root, file), join(project, file));
  }
  const pairs = [...forbidden, ...allowed];
  for (const file of new Set(pairs.flat())) {
    const up = '../'.repeat(file.split('/').length - 1);
    const imports = pairs
      .filter(([from]) => from === file)
      .map(([, to]) => `import './${up}${to.replace('.ts', '.js')}';\n`);
    await mkdir(dirname(join(project, file)), { recursive: true });
    await writeFile(join(project, file), [...imports, 'export {};\n'].join(''));
  }
  const tool = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const args = [tool, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'engine', 'tests'];
  const { output } = await run(process.execPath, args, { folder: project });
  await rm(project, { recursive: true });
  const { violations } = v.parse(report, JSON.parse(output)).summary;
  refused = new Set(violations.map(({ from, to }) => `${from} → ${to}`));
});

for (const [from, to] of forbidden) {
  test(`${from} may not import ${to}`, () => {
    assert.ok(refused.has(`${from} → ${to}`));
  });
}

for (const [from, to] of allowed) {
  test(`${from} may import ${to}`, () => {
    assert.ok(!refused.has(`${from} → ${to}`));
  });
}
