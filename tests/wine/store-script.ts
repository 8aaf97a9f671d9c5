/**
 * Run by node.exe under Wine: carries out a StoreRequest over crypt32 (argument 1: its file) and writes a StoreReport (argument 2).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Crypt32, Handle } from '../../engine/native/crypt32.js';
import { loadCrypt32 } from '../../engine/store/crypt32.js';
import { loadDamagedEntries } from '../../engine/store/windows-damaged.js';
import { crypt32Store } from '../../engine/store/windows.js';
import { perform, type StoreAnswer, type StoreReport, type StoreRequest } from './store-operations.js';

/** The functions given, and how many of their handles are open. */
function counting(crypt32: Crypt32): { crypt32: Crypt32; open: () => number } {
  let open = 0;
  const opened = (handle: Handle | null): Handle | null => {
    if (handle !== null) open++;
    return handle;
  };
  return {
    open: () => open,
    crypt32: {
      ...crypt32,
      openStore: (...values) => opened(crypt32.openStore(...values)),
      findBySha1: (...values) => opened(crypt32.findBySha1(...values)),
      nextCertificate(store, previous) {
        if (previous !== null) open--;
        return opened(crypt32.nextCertificate(store, previous));
      },
      closeStore(store) {
        open--;
        crypt32.closeStore(store);
      },
      freeCertificate(certificate) {
        open--;
        crypt32.freeCertificate(certificate);
      },
      deleteCertificate(certificate) {
        open--;
        return crypt32.deleteCertificate(certificate);
      },
    },
  };
}

async function main(): Promise<void> {
  const [requestFile = '', reportFile = ''] = process.argv.slice(2);
  const request = JSON.parse(readFileSync(requestFile, 'utf8')) as StoreRequest;
  const { crypt32, open } = counting(await loadCrypt32());
  const store = crypt32Store({
    crypt32,
    damaged: await loadDamagedEntries(),
    location: request.location,
    name: request.store,
  });
  const answers: StoreAnswer[] = [];
  for (const operation of request.operations) answers.push(await perform(store, operation));
  const report: StoreReport = { answers, leftOpen: open() };
  writeFileSync(reportFile, JSON.stringify(report));
}

void main();
