import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { root } from '../../build/root.js';

const launcher = readFileSync(join(root, 'build', 'launcher', 'certprop.cjs'), 'utf8');

/** Starts the launcher on a Node that says it has this version. */
function launch(version: string): { required: string[]; errors: string; exitCode: number | null } {
  const seen: { required: string[]; errors: string; exitCode: number | null } = {
    required: [],
    errors: '',
    exitCode: null,
  };
  runInNewContext(launcher, {
    require: (name: string) => seen.required.push(name),
    process: {
      versions: { node: version },
      stderr: { write: (text: string) => (seen.errors += text) },
      exit: (code: number) => (seen.exitCode = code),
    },
  });
  return seen;
}

for (const version of ['20.19.0', '20.100.1', '22.4.0', '100.0.0']) {
  test(`the launcher starts the engine on Node ${version}`, () => {
    assert.deepEqual(launch(version), { required: ['./engine.cjs'], errors: '', exitCode: null });
  });
}

for (const version of ['0.10.48', '9.11.2', '20.9.0', '20.18.3']) {
  test(`the launcher refuses Node ${version} in one line with exit code 3`, () => {
    const { required, errors, exitCode } = launch(version);
    assert.deepEqual(required, []);
    assert.equal(errors, `CertProp needs Node.js 20.19 or later; this is ${version}.\n`);
    assert.equal(exitCode, 3);
  });
}
