/**
 * The attack: the profile's user exchanges a folder for a link to a folder outside at the worst moment, between CertProp's check and what
 * it then does. The same attack must succeed against access by paths that checks just as much, or else it proves nothing.
 */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { OpenRoot } from '../../engine/profiles/held-folder.js';
import { linuxRoots } from '../../engine/profiles/held-folder-linux.js';
import { loadLinuxCalls } from '../../engine/native/linux-calls.js';
import { ada } from '../store/certificates.js';
import { collect } from '../support/collect.js';
import { type Attack, attacks, byPaths, guarded, type Hook, secret } from './attack-bed.js';
import { type Bed, componentsBelow, elementOf, makeBed, plantAda } from './bed.js';

const skip = process.platform === 'linux' ? false : 'Linux only';

/** The folder below `outside` that stands for `Certificates`, when the component is a link to there. */
function makeOutside(bed: Bed, component: number): string {
  const target = join(bed.outside, ...componentsBelow.slice(component + 1));
  fs.mkdirSync(target, { recursive: true });
  fs.writeFileSync(join(target, ada.thumbprint), secret());
  return target;
}

/** Exchanges the component for a link to outside, once, as soon as it was opened. */
function exchange(bed: Bed, component: number): Hook {
  const path = join(bed.root, ...componentsBelow.slice(0, component + 1));
  let isDone = false;
  return (opened) => {
    if (isDone || opened.path !== path) return;
    isDone = true;
    fs.renameSync(path, `${path}.away`);
    fs.symlinkSync(bed.outside, path);
  };
}

async function attack(
  context: TestContext,
  access: (hook: Hook) => OpenRoot,
  component: number,
  { reached }: Attack,
): Promise<boolean> {
  const bed = makeBed(context);
  plantAda(bed.certificates);
  const target = makeOutside(bed, component);
  const before = fs.readdirSync(bed.outside, { recursive: true });
  const isReached = await reached(await bed.open(access(exchange(bed, component))), target);
  const isUntouched =
    JSON.stringify(fs.readdirSync(bed.outside, { recursive: true })) === JSON.stringify(before);
  return isReached || !isUntouched;
}

for (const [component, name] of componentsBelow.entries()) {
  for (const each of attacks) {
    test(`${name} exchanged for a link: no way to ${each.what}`, { skip }, async (context) => {
      assert.equal(
        await attack(context, (hook) => guarded(linuxRoots(null), hook), component, each),
        false,
        'the guard holds',
      );
      assert.equal(
        await attack(context, byPaths, component, each),
        true,
        'without the guard the attack works',
      );
    });
  }
}

for (const [component, name] of componentsBelow.entries()) {
  test(
    `${name} exchanged for a link once the root is held: opened at once, it leads nowhere`,
    { skip },
    async (context) => {
      const bed = makeBed(context);
      plantAda(bed.certificates);
      makeOutside(bed, component);
      const openRoot = linuxRoots(await loadLinuxCalls());
      const exchangeIt = exchange(bed, component);
      const store = await bed.open((path) => {
        const root = openRoot(path);
        exchangeIt({ ...root, path: join(bed.root, ...componentsBelow.slice(0, component + 1)) });
        return root;
      });
      await assert.rejects(collect(store.files()), { id: 'LinkInProfile' });
      await assert.rejects(store.readExact(ada.thumbprint), { id: 'LinkInProfile' });
    },
  );
}

test(
  'an entry exchanged for a link after it was looked at is neither read nor removed',
  { skip },
  async (context) => {
    const bed = makeBed(context);
    const path = plantAda(bed.certificates);
    const outside = plantAda(bed.outside);
    const openRoot = guarded(linuxRoots(null), (opened) => {
      if (opened.path !== bed.certificates) return;
      const look = opened.look.bind(opened);
      Object.assign(opened, {
        look: (name: string) => {
          const seen = look(name);
          fs.rmSync(path, { force: true });
          fs.symlinkSync(outside, path);
          return seen;
        },
      });
    });
    const store = await bed.open(openRoot);
    await assert.rejects(store.readExact(ada.thumbprint));
    assert.equal(await store.removeExact(ada.thumbprint, elementOf(ada)), 'Changed');
    assert.deepEqual(fs.readFileSync(outside), Buffer.from(elementOf(ada)));
  },
);
