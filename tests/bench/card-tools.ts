/** Other people's tools that read all certificates of a card. Certificates come as base64 of their DER. */
import { X509Certificate } from 'node:crypto';
import { run } from '../../build/run.js';
import { succeed } from '../support/opensc.js';
import type { Pcscd, VirtualReader } from '../support/pcscd.js';
import { yubicoTool } from '../support/yubico.js';
import { uncachedOpensc } from './uncached-opensc.js';

export interface CardTools {
  /** How many pkcs11-tool lists; it prints their subjects only. */
  countWithPkcs11(): Promise<number>;
  readWithPkcs15(): Promise<string[]>;
  readWithYubico(slots: readonly string[]): Promise<string[]>;
  /** The process and its libraries alone: without a PC/SC service. */
  readonly startPkcs11: () => Promise<void>;
  readonly startPkcs15: () => Promise<void>;
  readonly startYubico: () => Promise<void>;
  /** @throws Error if OpenSC has cached anything all the same */
  end(): Promise<void>;
}

export async function cardTools(pcscd: Pcscd, reader: VirtualReader): Promise<CardTools> {
  const opensc = await uncachedOpensc(pcscd, reader);
  const yubico = yubicoTool(pcscd, reader);

  return {
    async countWithPkcs11() {
      const listed = await opensc.run('pkcs11-tool', ['-O', '--type', 'cert']);
      return listed.match(/^Certificate Object/gmu)?.length ?? 0;
    },
    async readWithPkcs15() {
      const listed = await opensc.run('pkcs15-tool', ['--list-certificates']);
      const certificates: string[] = [];
      for (const [, id = ''] of listed.matchAll(/^\s+ID\s+: (\w+)$/gmu)) {
        certificates.push(derOf(await opensc.run('pkcs15-tool', ['--read-certificate', id])));
      }
      return certificates;
    },
    async readWithYubico(slots) {
      const certificates: string[] = [];
      for (const slot of slots) {
        const pem = await succeed(yubico(['--action', 'read-certificate', '--slot', slot]));
        certificates.push(derOf(pem));
      }
      return certificates;
    },
    startPkcs11: () => opensc.runWithoutCard('pkcs11-tool', ['--show-info']),
    startPkcs15: () => opensc.runWithoutCard('pkcs15-tool', ['--list-certificates']),
    async startYubico() {
      const options = ['--action', 'read-certificate', '--slot', '9a'];
      await run('yubico-piv-tool', options, { env: { PCSCLITE_CSOCK_NAME: '/nonexistent/pcscd.comm' } });
    },
    end: () => opensc.end(),
  };
}

function derOf(pem: string): string {
  return new X509Certificate(pem).raw.toString('base64');
}
