/**
 * Run by node.exe under Wine: what crypt32's own functions and the registry say of a certificate in the current user's My, without
 * CertProp's codec. Arguments: thumbprint, the answer's file.
 */
import { writeFileSync } from 'node:fs';
import { loadCrypt32 } from '../../engine/store/crypt32.js';
import { loadKoffi } from '../../engine/native/koffi.js';
import { loadSystemLibrary } from '../../engine/native/system-library.js';

export interface CertificateFacts {
  /** CRYPT_KEY_PROV_INFO (wincrypt.h), as CertGetCertificateContextProperty gives it; null without one. */
  readonly keyProvInfo: {
    readonly container: string;
    readonly provider: string;
    readonly type: number;
    readonly flags: number;
    readonly parameters: number;
    readonly keySpec: number;
  } | null;
  /** The registry's value `Blob`, in hex; null without one. */
  readonly blob: string | null;
}

const CERT_KEY_PROV_INFO_PROP_ID = 2;
const CERT_STORE_PROV_SYSTEM_W = 10;
const CERT_SYSTEM_STORE_CURRENT_USER = 0x10000;
const RRF_RT_REG_BINARY = 8;
const HKEY_CURRENT_USER = -0x7fffffff;

async function keyProvInfo(thumbprint: string): Promise<CertificateFacts['keyProvInfo']> {
  const koffi = await loadKoffi();
  const own = await loadCrypt32();
  const crypt32 = await loadSystemLibrary('crypt32.dll');
  const structure = koffi.struct({
    pwszContainerName: 'str16',
    pwszProvName: 'str16',
    dwProvType: 'uint32_t',
    dwFlags: 'uint32_t',
    cProvParam: 'uint32_t',
    rgProvParam: 'void *',
    dwKeySpec: 'uint32_t',
  });
  const getProperty = crypt32.func('__stdcall', 'CertGetCertificateContextProperty', 'int', [
    ...['intptr_t', 'uint32_t', 'void *'],
    koffi.inout(koffi.pointer('uint32_t')),
  ]);
  const store = own.openStore(CERT_STORE_PROV_SYSTEM_W, CERT_SYSTEM_STORE_CURRENT_USER, 'My');
  if (store === null) throw new Error('My can not be opened');
  const certificate = own.findBySha1(store, Buffer.from(thumbprint, 'hex'));
  if (certificate === null) throw new Error('The certificate is not there');
  const buffer = Buffer.alloc(4096);
  if (getProperty(certificate, CERT_KEY_PROV_INFO_PROP_ID, buffer, [buffer.length]) === 0) return null;
  const info = koffi.decode(buffer, structure) as Record<string, unknown>;
  return {
    container: String(info.pwszContainerName),
    provider: String(info.pwszProvName),
    type: Number(info.dwProvType),
    flags: Number(info.dwFlags),
    parameters: Number(info.cProvParam),
    keySpec: Number(info.dwKeySpec),
  };
}

async function blob(thumbprint: string): Promise<string | null> {
  const koffi = await loadKoffi();
  const advapi32 = await loadSystemLibrary('advapi32.dll');
  const getValue = advapi32.func('__stdcall', 'RegGetValueW', 'int', [
    ...['intptr_t', 'str16', 'str16', 'uint32_t', 'void *', 'void *'],
    koffi.inout(koffi.pointer('uint32_t')),
  ]);
  const key = `Software\\Microsoft\\SystemCertificates\\My\\Certificates\\${thumbprint}`;
  const buffer = Buffer.alloc(65_536);
  const length: [number] = [buffer.length];
  const result: unknown = getValue(HKEY_CURRENT_USER, key, 'Blob', RRF_RT_REG_BINARY, null, buffer, length);
  return result === 0 ? buffer.toString('hex', 0, length[0]) : null;
}

async function main(): Promise<void> {
  const [thumbprint = '', answerFile = ''] = process.argv.slice(2);
  const facts: CertificateFacts = {
    keyProvInfo: await keyProvInfo(thumbprint),
    blob: await blob(thumbprint),
  };
  writeFileSync(answerFile, JSON.stringify(facts));
}

void main();
