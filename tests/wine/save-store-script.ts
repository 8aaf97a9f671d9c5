/**
 * Run by node.exe under Wine: crypt32 writes a serialized store. Arguments: the file to write, then what goes into the store, in this
 * order: `.element` files (serialized elements) and `.crl` files (DER).
 */
import { readFileSync } from 'node:fs';
import { loadKoffi } from '../../engine/native/koffi.js';
import { loadSystemLibrary } from '../../engine/native/system-library.js';
import { addDisposition, type Handle } from '../../engine/native/crypt32.js';
import { loadCrypt32 } from '../../engine/store/crypt32.js';

const CERT_STORE_PROV_MEMORY = 2;
const CERT_STORE_SAVE_AS_STORE = 1;
const CERT_STORE_SAVE_TO_FILENAME_W = 4;
const X509_ASN_ENCODING = 1;

async function main(): Promise<void> {
  const [target = '', ...files] = process.argv.slice(2);
  const koffi = await loadKoffi();
  const own = await loadCrypt32();
  const crypt32 = await loadSystemLibrary('crypt32.dll');
  const addRevocationList = crypt32.func('__stdcall', 'CertAddEncodedCRLToStore', 'int', [
    ...['intptr_t', 'uint32_t', 'void *', 'uint32_t', 'uint32_t', 'void *'],
  ]);
  const save = crypt32.func('__stdcall', 'CertSaveStore', 'int', [
    ...['intptr_t', 'uint32_t', 'uint32_t', 'uint32_t'],
    koffi.pointer('char16_t'),
    'uint32_t',
  ]);
  const store = own.openStore(CERT_STORE_PROV_MEMORY, 0, '');
  if (store === null) throw new Error('No memory store');
  for (const file of files) {
    if (!add(store, file, readFileSync(file))) throw new Error(`${file} was not added: ${own.lastError()}`);
  }
  const flags = [X509_ASN_ENCODING, CERT_STORE_SAVE_AS_STORE, CERT_STORE_SAVE_TO_FILENAME_W] as const;
  if (save(store, ...flags, target, 0) === 0) throw new Error(`Not saved: ${own.lastError()}`);
  own.closeStore(store);

  function add(to: Handle, file: string, bytes: Uint8Array): boolean {
    if (!file.endsWith('.crl')) return own.addSerialized(to, bytes, addDisposition.always);
    return addRevocationList(to, X509_ASN_ENCODING, bytes, bytes.length, addDisposition.always, null) !== 0;
  }
}

void main();
