import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkContainer } from '../../engine/diagnosis/checks/link-container.js';
import { onCard } from '../propagation/sample.js';
import { container, finds, linkedTo, onCards, rsa, stored, storing } from './facts-sample.js';

const ec = await onCard('user-ec', {
  fileName: 'kxc01',
  container: { index: 1, name: 'second', isDefault: false },
});

const linked = (name: string) => ({ store: storing([stored(rsa, linkedTo({ container: name }))]) });

test('Passed: it holds the key; the reader may be named too', () => {
  finds(linkContainer, {}, 'Passed', /names the container/u);
  finds(linkContainer, linked(`\\\\.\\Alpha 00\\${container}`), 'Passed', /names the container/u);
});
test('Failed: no card has it', () => {
  const { evidence, repair } = finds(
    linkContainer,
    linked('earlier'),
    'Failed',
    /"earlier", which no inserted card has/u,
  );
  assert.match(evidence, new RegExp(`container=earlier; wanted=${container}`, 'u'));
  assert.equal(repair?.thumbprint, rsa.info.thumbprint);
});
test("Failed: it is another certificate's", () => {
  finds(
    linkContainer,
    { cards: onCards(rsa, ec), ...linked('second') },
    'Failed',
    new RegExp(`holds the key of ${ec.info.thumbprint}`, 'u'),
  );
});
test('Failed: the reader is another one; propagating does not mend that', () => {
  const { repair } = finds(
    linkContainer,
    linked(`\\\\.\\Old 0\\${container}`),
    'Failed',
    /in the reader "Old 0"/u,
  );
  assert.equal(repair, null);
});
test('Skipped: the card names no containers', () => {
  const unnamed = { ...rsa, file: { ...rsa.file, container: null, key: 'Unnamed' } } as const;
  finds(linkContainer, { cards: onCards(unnamed) }, 'Skipped', /name no containers/u);
});
