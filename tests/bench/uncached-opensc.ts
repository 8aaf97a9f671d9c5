/** OpenSC's tools without their cache of card files, which would spare them APDUs from the second run on. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openscTool, succeed, type OpenscTool } from '../support/opensc.js';
import type { Pcscd, VirtualReader } from '../support/pcscd.js';

type Tool = Parameters<OpenscTool>[0];

export interface UncachedOpensc {
  /** Runs a tool that must succeed; returns what it printed. */
  run(tool: Tool, options: readonly string[]): Promise<string>;
  /** Runs a tool that finds no PC/SC, whatever it says to that: its process and libraries alone. */
  runWithoutCard(tool: Tool, options: readonly string[]): Promise<void>;
  /** @throws Error if the tools have cached anything all the same */
  end(): Promise<void>;
}

/** opensc.conf(5). */
const configuration = 'app default { framework pkcs15 { use_file_caching = no; } }\n';

export async function uncachedOpensc(pcscd: Pcscd, reader: VirtualReader): Promise<UncachedOpensc> {
  const folder = await mkdtemp(join(tmpdir(), 'opensc-'));
  const home = await mkdtemp(join(tmpdir(), 'opensc-home-'));
  const configurationFile = join(folder, 'opensc.conf');
  await writeFile(configurationFile, configuration);
  const environment = { OPENSC_CONF: configurationFile, HOME: home, XDG_CACHE_HOME: join(home, '.cache') };
  const tool = openscTool(pcscd, reader);
  return {
    run: (name, options) => succeed(tool(name, options, environment)),
    async runWithoutCard(name, options) {
      await tool(name, options, { ...environment, PCSCLITE_CSOCK_NAME: join(folder, 'no-pcscd') });
    },
    async end() {
      const inHome = await readdir(home, { recursive: true, withFileTypes: true });
      const files = inHome.filter((entry) => entry.isFile()).map(({ name }) => name);
      await Promise.all([folder, home].map((each) => rm(each, { recursive: true })));
      if (files.length > 0) throw new Error(`OpenSC has cached ${files.join(', ')}.`);
    },
  };
}
