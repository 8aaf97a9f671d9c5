import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { root } from '../../build/root.js';

const launcher = readFileSync(join(root, 'build', 'launcher', 'certprop.cjs'), 'utf8');

interface Launch {
  /** What it required and the flags of V8 that it set, in that order. */
  readonly done: string[];
  errors: string;
  exitCode: number | null;
}

/** Starts the launcher on a Node that says it has this version. */
function launch(version: string): Launch {
  const seen: Launch = { done: [], errors: '', exitCode: null };
  runInNewContext(launcher, {
    require: (name: string) => {
      seen.done.push(name);
      return { setFlagsFromString: (flag: string) => seen.done.push(flag) };
    },
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
    const { done, errors, exitCode } = launch(version);
    assert.equal(done.at(-1), './engine.cjs');
    assert.equal(errors, '');
    assert.equal(exitCode, null);
  });
}

test('the launcher keeps V8 from waking an idle engine, before it loads any of it', () => {
  assert.deepEqual(launch('20.19.0').done, [
    'v8',
    '--gc-memory-reducer-start-delay-ms=2147483647',
    './engine.cjs',
  ]);
});

for (const version of ['0.10.48', '9.11.2', '20.9.0', '20.18.3']) {
  test(`the launcher refuses Node ${version} in one line with exit code 3`, () => {
    const { done, errors, exitCode } = launch(version);
    assert.deepEqual(done, []);
    assert.equal(errors, `CertProp needs Node.js 20.19 or later; this is ${version}.\n`);
    assert.equal(exitCode, 3);
  });
}
