import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../../build/root.js';

let project = '';
before(async () => {
  project = await mkdtemp(join(tmpdir(), 'imports-'));
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
    await cp(join(root, file), join(project, file));
  }
});
after(async () => {
  await rm(project, { recursive: true });
});

/** The rules that break when one file imports another. */
async function brokenRules(from: string, to: string): Promise<string[]> {
  await rm(join(project, 'engine'), { recursive: true, force: true });
  const specifier = `${'../'.repeat(from.split('/').length - 1)}${to.replace('.ts', '.js')}`;
  for (const [file, text] of [
    [to, 'export const value = 1;\n'],
    [from, `import { value } from './${specifier}';\nexport const other = value;\n`],
  ] as const) {
    await mkdir(dirname(join(project, file)), { recursive: true });
    await writeFile(join(project, file), text);
  }
  const tool = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const args = [tool, '--config', '.dependency-cruiser.cjs', '--output-type', 'err', dirname(from)];
  const { stdout } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
  return [...stdout.matchAll(/error ([^:]+): /gu)].map((match) => match[1] ?? '');
}

const forbidden = [
  ['engine/card/gids.ts', 'engine/store/profile.ts'],
  ['engine/card/gids.ts', 'engine/pcsc/pcsc.ts'],
  ['engine/certificate/x509.ts', 'engine/store/store.ts'],
  ['engine/store/profile.ts', 'engine/propagation/plan.ts'],
  ['engine/propagation/plan.ts', 'engine/rpc/server.ts'],
  ['engine/text.ts', 'engine/card/card.ts'],
  ['engine/main.ts', 'engine/virtual/gids-card.ts'],
  ['engine/rpc/server.ts', 'engine/main.ts'],
  ['engine/store/profile.ts', 'tests/support/require.ts'],
] as const;
for (const [from, to] of forbidden) {
  test(`${from} may not import ${to}`, async () => {
    assert.notDeepEqual(await brokenRules(from, to), []);
  });
}

const allowed = [
  ['engine/main.ts', 'engine/store/profile.ts'],
  ['engine/card/gids.ts', 'engine/pcsc/reader.ts'],
  ['engine/store/profile.ts', 'engine/errors.ts'],
  ['engine/demo.ts', 'engine/virtual/gids-card.ts'],
  ['engine/propagation/plan.ts', 'engine/store/store.ts'],
] as const;
for (const [from, to] of allowed) {
  test(`${from} may import ${to}`, async () => {
    assert.deepEqual(await brokenRules(from, to), []);
  });
}
