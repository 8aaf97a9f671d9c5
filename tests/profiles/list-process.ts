/** Run by open-store.test.ts as another user: lists a profile's store. */
import { CertPropError } from '../../engine/errors.js';
import { openProfileStore } from '../../engine/profiles/open-store.js';
import { isCorrupt } from '../../engine/store/store.js';

try {
  const store = await openProfileStore({ path: process.argv[2] ?? '' }, 'My');
  for await (const entry of store.entries()) {
    console.log(isCorrupt(entry) ? `corrupt ${entry.problem}` : `good ${entry.thumbprint}`);
  }
} catch (error) {
  if (!(error instanceof CertPropError)) throw error;
  console.log(`${error.id} ${error.message}`);
}
