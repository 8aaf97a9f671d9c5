/** Thousands of profiles, some of them hostile: how fast and with how much memory they are looked through, and that nothing is lost. */
import { makeTrees, certificatesEach } from '../support/profile-trees/trees.js';
import { type Part } from './measure.js';
import { measureInventory, measurePeak } from './profiles-inventory.js';
import { killRemovals } from './profiles-kills.js';
import { removeAndRestore } from './profiles-removal.js';

const profileCount = 5000;
const fewer = 500;

const disclosure = `The engine as the module starts it, asked through JSON-RPC; each run is a process of its own, measured from its start to its answer, as is the
bare program (readdirSync, readFileSync), which reads the files of those profiles that are not hostile. Inventories run without root's
rights. In a run of its own a preloaded script lets a file vanish and exchanges a folder for a link in the profiles that are named so.`;

export const profilesPart: Part = {
  name: 'profiles',
  about: `${profileCount} profiles with ${certificatesEach} certificates each, a tenth of them from cards, one profile in twenty hostile or broken`,
  seconds: 900,
  async run() {
    if (process.platform !== 'linux') return { skipped: 'profiles are entered on Linux only' };
    console.log(disclosure);
    const few = makeTrees(fewer);
    const peakOfFew = await measurePeak(few).finally(few.remove);
    const trees = makeTrees(profileCount);
    try {
      return {
        requirements: [
          ...(await measureInventory(trees, peakOfFew)),
          ...(await removeAndRestore(trees)),
          ...(await killRemovals()),
        ],
      };
    } finally {
      trees.remove();
    }
  },
};
