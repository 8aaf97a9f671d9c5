import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root } from '../../build/root.js';
import { CertPropError } from '../../engine/errors.js';
import { type Pkcs11Reading, readPkcs11 } from '../../engine/pkcs11/pkcs11.js';
import { alivePipe, compile, compileModule, helper, skipWithoutCompiler } from './modules.js';

const skip = skipWithoutCompiler();
const never = new AbortController().signal;
/** Long enough for a slow machine; only modules that hang take it all. */
const patience = 120_000;

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pkcs11-'));
  // Where the modules look for the pipe `alive`.
  process.env.HOME = folder;
});
after(() => rm(folder, { recursive: true }));

function read(name: string, milliseconds = patience, signal = never): Promise<Pkcs11Reading> {
  return readPkcs11(compileModule(folder, name), signal, { helper, milliseconds });
}

/** The labels of the tokens that were read, and what was wrong. */
async function outcome(reading: Promise<Pkcs11Reading>) {
  const { tokens, failure } = await reading;
  return {
    tokens: tokens.map(({ label }) => label),
    certificates: tokens.flatMap(({ certificates }) => certificates).length,
    problems: tokens.flatMap(({ problems }) => problems).map(({ id, message }) => `${id}: ${message}`),
    failure: failure && `${failure.id}: ${failure.message}`,
  };
}

describe('a PKCS #11 module', { skip }, () => {
  test('gives the certificates of all its tokens, with label, id, key and the tokens’ names', async () => {
    const { tokens, failure } = await read('honest');
    const token = { manufacturer: 'Maker', model: 'Model', serialNumber: '0123456789ABCDEF', problems: [] };
    const certificate = { label: 'Certificate', id: '0AFF', certificate: new Uint8Array(Buffer.from('DER')) };
    assert.deepEqual(tokens, [
      {
        ...token,
        slotDescription: 'Reader 1',
        label: 'Token 1',
        certificates: [{ ...certificate, hasKey: true }],
      },
      {
        ...token,
        slotDescription: 'Reader 2',
        label: 'Token 2',
        certificates: [{ ...certificate, hasKey: false }],
      },
    ]);
    assert.equal(failure, null);
  });

  test('may print what it likes', async () => {
    assert.deepEqual(await outcome(read('prints')), {
      tokens: ['Token 1', 'Token 2'],
      certificates: 2,
      problems: [],
      failure: null,
    });
  });

  test('that crashes at the second token leaves the first one’s certificates', async () => {
    const { tokens, certificates, failure } = await outcome(read('crashes'));
    assert.deepEqual({ tokens, certificates }, { tokens: ['Token 1'], certificates: 1 });
    assert.match(failure ?? '', /^Pkcs11ModuleFailed: .*crashes\.so did not get to its end: .*ended by SIG/);
  });

  test('that ends the process is not taken for one that is done', async () => {
    const { failure } = await outcome(read('exits'));
    assert.match(failure ?? '', /^Pkcs11ModuleFailed: .*did not get to its end: .*exit code 0/);
  });

  test('that hangs is ended after the time limit, and leaves what was read before', async () => {
    const alive = alivePipe(folder);
    const { tokens, certificates, failure } = await outcome(read('hangs', 5000));
    assert.deepEqual({ tokens, certificates }, { tokens: ['Token 1'], certificates: 1 });
    assert.match(failure ?? '', /^Pkcs11ModuleTimeout: .*hangs\.so was not done after 5 s/);
    await alive.closed;
    await rm(join(folder, 'alive'));
  });

  for (const name of ['hangs', 'hangs-when-loaded']) {
    test(`that ${name.replaceAll('-', ' ')} ends when the request is canceled`, async () => {
      const alive = alivePipe(folder);
      const canceling = new AbortController();
      const reading = read(name, patience, canceling.signal);
      await alive.opened;
      canceling.abort(new Error('enough'));
      await assert.rejects(reading, /^Error: enough$/);
      await alive.closed;
      await rm(join(folder, 'alive'));
    });

    test(`that ${name.replaceAll('-', ' ')} ends when the engine is ended by force`, async () => {
      const alive = alivePipe(folder);
      const code = `import { readPkcs11 } from ${JSON.stringify(pathToFileURL(join(root, 'out/engine/pkcs11/pkcs11.js')))};
        await readPkcs11(${JSON.stringify(compileModule(folder, name))}, new AbortController().signal, { helper: ${JSON.stringify(helper)} });`;
      const engine = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: 'ignore' });
      await alive.opened;
      engine.kill('SIGKILL');
      await once(engine, 'exit');
      await alive.closed;
      await rm(join(folder, 'alive'));
    });
  }

  test('that starts processes is ended with all of them', async () => {
    const alive = alivePipe(folder);
    const { tokens, failure } = await outcome(read('forks'));
    assert.deepEqual({ tokens, failure }, { tokens: ['Token 1', 'Token 2'], failure: null });
    await alive.closed;
    await rm(join(folder, 'alive'));
  });

  test('that leaves a process of its own behind keeps nobody waiting', async () => {
    const { failure } = await outcome(read('daemonizes', 30_000));
    assert.match(failure ?? '', /^Pkcs11ModuleFailed: .*did not get to its end: .*exit code 3/);
  });

  const failures = {
    speaks: /says what CertProp does not understand/,
    floods: /gives more than 16777216 bytes/,
    'wild-list': /did not get to its end: .*ended by SIG/,
    'no-list': /failed in C_GetFunctionList \(0x80000001\)/,
    holes: /lacks the function C_OpenSession/,
    old: /speaks PKCS #11 1\.0; CertProp knows 2 and 3/,
    refuses: /failed in C_Initialize \(CKR_GENERAL_ERROR, 0x00000005\)/,
    'many-slots': /claims 4294967280 slots; at most 256 are read/,
    'many-bytes': /claims more than 8388608 bytes of certificates/,
  };
  for (const [name, expected] of Object.entries(failures)) {
    test(`that fails as in ${name}.c is told as ${expected.source}`, async () => {
      const { tokens, failure } = await outcome(read(name));
      assert.deepEqual(tokens, []);
      assert.match(failure ?? '', /^Pkcs11ModuleFailed: The PKCS #11 module \//);
      assert.match(failure ?? '', expected);
    });
  }

  const problems = {
    'many-objects': /claims more than 1000 objects of a kind/,
    'too-many-found': /found 65 objects when asked for 64/,
    'large-value': /claims a value of 104857600 bytes; at most 65535 are read/,
    'growing-value': /claims a value of 1000000 bytes; at most 10 are read/,
  };
  for (const [name, expected] of Object.entries(problems)) {
    test(`that lies as in ${name}.c is told of each token as ${expected.source}`, async () => {
      const { certificates, problems, failure } = await outcome(read(name));
      assert.deepEqual({ certificates, failure }, { certificates: 0, failure: null });
      for (const token of ['Token 1', 'Token 2']) {
        assert.ok(problems.some((problem) => problem.includes(token) && expected.test(problem)));
      }
    });
  }

  test('that fails with one token gives the other’s certificates', async () => {
    const { certificates, tokens, problems, failure } = await outcome(read('failing-token'));
    assert.deepEqual(
      { certificates, tokens, failure },
      { certificates: 1, tokens: ['\x1b[31m', 'good'], failure: null },
    );
    assert.equal(problems.length, 1);
    assert.match(
      problems[0] ?? '',
      /^Pkcs11TokenFailed: With the token '\\u\{1b\}\[31m' in 'Reader 1', .* failed in C_OpenSession \(CKR_DEVICE_ERROR, 0x00000030\)/,
    );
  });

  test('is not blamed for a card that was pulled out, nor for a blank token', async () => {
    const { tokens, problems } = await outcome(read('other-tokens'));
    assert.deepEqual({ tokens, problems }, { tokens: [''], problems: [] });
  });

  test('gives no certificates but X.509, and each that has no value is a problem', async () => {
    const { certificates, problems } = await outcome(read('other-objects'));
    assert.equal(certificates, 0);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /'Token 2'.*gives no value for the certificate ''/);
  });

  test('is told from any other library', async () => {
    const path = join(folder, 'other.so');
    compile(['-shared', '-fPIC', '-o', path, '-x', 'c', '/dev/null']);
    const { failure } = await readPkcs11(path, never, { helper });
    assert.match(failure?.message ?? '', /has no function C_GetFunctionList: it is no PKCS #11 module/);
  });
});

test('a file that is no library is told as one that could not be loaded', async () => {
  const path = join(folder, 'text.so');
  await writeFile(path, 'text');
  const { failure } = await readPkcs11(path, never, { helper });
  assert.equal(failure?.id, 'Pkcs11ModuleFailed');
  assert.match(failure.message, /text\.so could not be loaded \(/);
});

test('a request that was canceled before starts nothing', async () => {
  const reason = new Error('too late');
  await assert.rejects(readPkcs11(helper, AbortSignal.abort(reason), { helper }), reason);
});

test('a module that is not there is an error of its own', async () => {
  await assert.rejects(
    readPkcs11(join(folder, 'nothing.so'), never, { helper }),
    (error) => error instanceof CertPropError && error.id === 'Pkcs11ModuleNotFound',
  );
});
