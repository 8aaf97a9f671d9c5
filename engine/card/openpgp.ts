/** OpenPGP cards as the other rooms see them (OpenPGP card specification 3.4.1): select the application, then read what is wanted. */
import { hex } from '../text.js';
import type { CardApplication, OpenApplication } from './application.js';
import type { ApplicationData } from './openpgp-application-data.js';
import { selectOpenpgp, type Openpgp } from './openpgp-application.js';
import { readCertificates } from './openpgp-certificates.js';
import { keySlots } from './openpgp-key-slots.js';

/** The manufacturer's number in the register of GnuPG and the FSFE. */
const yubico = 0x0006;

export const openOpenpgp: OpenApplication = async (card) => {
  const openpgp = await selectOpenpgp(card);
  return openpgp === null ? null : openpgpApplication(openpgp);
};

function openpgpApplication(openpgp: Openpgp): CardApplication {
  const { data } = openpgp;
  return {
    family: 'OpenPGP',
    cardId: cardId(data),
    label: null,
    serialNumber: serialNumber(data),
    certificates: (options) => readCertificates(openpgp, options),
    roots: noRoots,
    publicKey: async (file) => {
      const slot = keySlots.find(({ name }) => name === file.slot);
      return slot === undefined ? null : openpgp.publicKey(slot);
    },
  };
}

// eslint-disable-next-line @typescript-eslint/require-await -- there is nothing to wait for
async function* noRoots(): AsyncGenerator<never> {
  yield* [];
}

/** Manufacturer and serial number of the application identifier (specification, 4.2.1), 12 hex digits: unique by that, and fixed. */
function cardId({ manufacturer, serial }: ApplicationData): string {
  return manufacturer.toString(16).toUpperCase().padStart(4, '0') + hex(serial);
}

/** YubiKeys carry their decimal number, other cards the eight hex digits. */
function serialNumber({ manufacturer, serial }: ApplicationData): string {
  const digits = hex(serial);
  return manufacturer === yubico && /^\d+$/.test(digits) ? String(Number(digits)) : digits;
}
