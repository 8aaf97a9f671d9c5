/** The profiles that Windows knows. */
import { obstacle } from './find.js';
import { notSupported } from './held-folder.js';
import { isSkipped, type Profile, type SkippedProfile } from './profile.js';
import { listedOnThisMachine } from './profile-list.js';
import { systemRoots } from './system-roots.js';

/** @throws CertPropError ProfilesUnavailable */
export async function* allProfiles(): AsyncIterable<Profile | SkippedProfile> {
  if (process.platform !== 'win32') throw notSupported('only Windows keeps a list of profiles');
  const openRoot = await systemRoots();
  for (const listed of await listedOnThisMachine()) {
    yield isSkipped(listed) ? listed : (obstacle(listed.path, openRoot) ?? listed);
  }
}
