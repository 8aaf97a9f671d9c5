import assert from 'node:assert/strict';
import { readRdpFile } from '../../engine/machine/rdp-file.js';
import { embeddedReaders } from '../../engine/pcsc/embedded.js';
import type { World } from '../../engine/rpc/world.js';
import { profileStore } from '../../engine/store/profile.js';
import { loadCardFile } from '../../engine/virtual/card-file.js';

/** A world of embedded readers and of stores in folders: there are no profiles, no policy is set, the session is local, and an administrator's rights are missing. */
export function embeddedWorld(readers: string, changes: Partial<World> = {}): World {
  const unused = () => Promise.reject(new Error('not in this test'));
  return {
    readers: embeddedReaders(readers, loadCardFile),
    ...{ keyProviders: null, cardCache: null, version: '0.1.0', now: () => 0, readPkcs11: unused },
    openStore: (place, name) =>
      Promise.resolve(profileStore(place.kind === 'Folder' ? place.path : assert.fail(), name)),
    entriesIn: () => assert.fail(),
    defaultPkcs11Module: () => Promise.resolve(null),
    policies: {
      read: () => Promise.resolve({ place: { kind: 'File', file: '/policy.json' }, given: new Map() }),
    },
    isRemoteSession: () => Promise.resolve(false),
    isElevated: () => Promise.resolve(false),
    ...{ newBackup: unused, readBackup: unused, keepCardCertificate: unused },
    ...{ readCertificateFile: unused, readManagementKeyFile: unused },
    ...{ machine: null, readRdpFile, defaultRdpFile: () => null },
    currentUser: () => Promise.resolve({ userName: null, profilePath: null }),
    findProfiles: () => assert.fail(),
    allProfiles: () => assert.fail(),
    openProfileStore: unused,
    hives: { isLoaded: unused, openStore: unused },
    startProfileThreads: null,
    ...changes,
  };
}
