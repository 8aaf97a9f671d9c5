/** What is hostile or broken in a profile. Each kind is to be seen in the profile's name, and so in whatever names the profile. */
import { chmodSync, linkSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Spoilt {
  /** The profile's root. */
  readonly profile: string;
  /** The folder with its certificates in the store My. */
  readonly certificates: string;
  /** Two of them that came from a card. */
  readonly files: readonly [string, string];
  /** A profile of another's, which nobody may touch. */
  readonly canary: string;
  /** A certificate's file there. */
  readonly canaryFile: string;
}

const hugeBytes = 200 * 1024 * 1024;

/** Those that vanish or are exchanged do it at work: disturbed-files.ts. */
const spoilings = {
  'linked entry': ({ files: [file], canaryFile }) => {
    rmSync(file);
    symlinkSync(canaryFile, file);
  },
  'entry with two names': ({ files: [file], canaryFile }) => {
    rmSync(file);
    linkSync(canaryFile, file);
  },
  'linked folder': ({ certificates, canaryFile }) => {
    rmSync(certificates, { recursive: true });
    symlinkSync(join(canaryFile, '..'), certificates);
  },
  'linked AppData': ({ profile, canary }) => {
    rmSync(join(profile, 'AppData'), { recursive: true });
    symlinkSync(join(canary, 'AppData'), join(profile, 'AppData'));
  },
  'linked profile': ({ profile, canary }) => {
    rmSync(profile, { recursive: true });
    symlinkSync(canary, profile);
  },
  'empty file': ({ files: [file] }) => {
    truncateSync(file, 0);
  },
  'huge file': ({ files: [file] }) => {
    truncateSync(file, hugeBytes);
  },
  'wrong hash': ({ files: [file, other] }) => {
    writeFileSync(file, readFileSync(other));
  },
  'unreadable file': ({ files: [file] }) => {
    chmodSync(file, 0);
  },
  'unreadable folder': ({ certificates }) => {
    chmodSync(certificates, 0);
  },
  'vanishing file': () => undefined,
  'exchanged folder': () => undefined,
} as const satisfies Readonly<Record<string, (spoilt: Spoilt) => void>>;

export type HostileKind = keyof typeof spoilings;

export const hostileKinds = Object.keys(spoilings) as readonly HostileKind[];

export function spoil(kind: HostileKind, spoilt: Spoilt): void {
  spoilings[kind](spoilt);
}
