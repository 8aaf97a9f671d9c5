/** The engine's side, with a helper process that says what it is told to. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readContainers } from '../../engine/provider/provider.js';
import { encodeElement } from '../../engine/store/serialized.js';

const folder = mkdtempSync(join(tmpdir(), 'provider-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const certificate = readFileSync('tests/fixtures/certificates/user-rsa.der');
const enrollmentId = 26;
const container = {
  ...{ kind: 'Container', container: 'first', keySpec: 1, cardId: null },
  ...{ certificate: certificate.toString('base64'), keyBlob: null },
};

function inStore(store: string, element: Uint8Array) {
  return { kind: 'StoreCertificate', store, element: Buffer.from(element).toString('base64') };
}

const done = { kind: 'Done' };

/** The reading of a reader whose providers say this. */
function readingOf(csp: readonly object[], ksp: readonly object[] = [done]) {
  const helper = join(folder, 'helper.cjs');
  const lines = [csp, ksp].map((messages) =>
    messages.map((message) => `${JSON.stringify(message)}\n`).join(''),
  );
  writeFileSync(
    helper,
    `const [csp, ksp] = ${JSON.stringify(lines)};
     require('node:fs').writeSync(3, process.argv[3] === 'CSP' ? csp : ksp);`,
  );
  return readContainers('Alpha 0', { helper, milliseconds: 60_000 }, new AbortController().signal);
}

test('certificates of the stores come with their properties', async () => {
  const element = encodeElement(certificate, new Map([[enrollmentId, Uint8Array.of(7)]]));
  const { stored, failures } = await readingOf([inStore('User', element), done]);
  assert.deepEqual(failures, []);
  const [{ properties, ...one } = { properties: null }] = stored;
  assert.deepEqual(one, {
    ...{ readerName: 'Alpha 0', store: 'User', certificate: new Uint8Array(certificate) },
  });
  assert.deepEqual(properties?.get(enrollmentId), Uint8Array.of(7));
  assert.equal(stored.length, 1);
});

test('a damaged element is KeyProviderFailed, and the others count', async () => {
  const element = encodeElement(certificate, new Map());
  const { stored, failures } = await readingOf([
    ...[inStore('Root', element.subarray(1)), inStore('Root', element), done],
  ]);
  assert.deepEqual(
    stored.map(({ store }) => store),
    ['Root'],
  );
  assert.deepEqual(
    failures.map(({ id, details }) => [id, details]),
    [['KeyProviderFailed', { readerName: 'Alpha 0' }]],
  );
  const [failure] = failures;
  assert.match(
    failure?.message ?? '',
    /"Microsoft Base Smart Card Crypto Provider" gives a damaged certificate in its Root certificate store\./u,
  );
  assert.equal((failure?.cause as { id?: string }).id, 'MalformedStoreElement');
});

test('a provider that fails has answered if it has listed its containers before', async () => {
  const failed = { kind: 'Failed', problem: 'failed' };
  for (const [said, answered] of [
    [[container, { kind: 'Listed' }, failed], true],
    [[container, failed], false],
  ] as const) {
    const reading = await readingOf(said, [failed]);
    assert.equal(reading.containers.length, 1);
    assert.equal(reading.failures.length, 2);
    assert.equal(reading.answered, answered);
  }
});
