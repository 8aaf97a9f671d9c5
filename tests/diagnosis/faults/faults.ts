/** What can be wrong, planted in a healthy set-up byte by byte. It knows nothing of the engine. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryOf, propertyIds, reissued, replaceOnce, writeKeyLink, type Link } from './bytes.js';
import {
  cardPath,
  certificateOf,
  changeCertificateFile,
  changeEntry,
  changeFile,
  entryPath,
  exchangeReissued,
  factsOf,
  hex,
  readerNames,
  removeCard,
  type BedFiles,
  type Family,
  type Side,
} from './bed-files.js';

export interface Fault {
  /** Part of a test's title, and a row of docs/troubleshooting.md. */
  readonly name: string;
  /** As people in the field say it. */
  readonly symptom: string;
  /** The one check that names it. */
  readonly check: string;
  /** Where it can be; all families without it. */
  readonly families?: readonly Family[];
  /** Faults that can't be seen beside it. */
  readonly hides?: readonly string[];
  readonly plant: (bed: BedFiles, side: Side) => void;
}

const csp = 'Microsoft Base Smart Card Crypto Provider';
const ksp = 'Microsoft Smart Card Key Storage Provider';
const softwareKsp = 'Microsoft Software Key Storage Provider';

/** The link that is right for the first certificate of a side, with what is wrong about it. */
function relink(bed: BedFiles, side: Side, changes: Partial<Link>): void {
  const { der, container } = certificateOf(bed, side);
  const value = writeKeyLink({ container, provider: csp, type: 1, keySpec: 1, ...changes });
  changeEntry(bed, der, (properties) =>
    properties.map((property) => (property.id === propertyIds.keyLink ? { ...property, value } : property)),
  );
}

const storeFaults: readonly Fault[] = [
  {
    name: 'the certificate is missing in the store',
    symptom: 'The certificate on the card does not appear in the Personal store.',
    check: 'InStore',
    plant: (bed, side) => rmSync(entryPath(bed, certificateOf(bed, side).der)),
  },
  {
    name: 'the key link is missing',
    symptom: 'CryptAcquireCertificatePrivateKey fails with 0x8009200B (CRYPT_E_NO_KEY_PROPERTY).',
    check: 'KeyLink',
    plant: (bed, side) =>
      changeEntry(bed, certificateOf(bed, side).der, (properties) =>
        properties.filter(({ id }) => id !== propertyIds.keyLink),
      ),
  },
  {
    name: 'the key link is cut off',
    symptom: 'The certificate is in the store, "without private key ownership".',
    check: 'KeyLink',
    plant: (bed, side) =>
      changeEntry(bed, certificateOf(bed, side).der, (properties) =>
        properties.map(({ id, value }) => ({
          id,
          value: id === propertyIds.keyLink ? value.subarray(0, 20) : value,
        })),
      ),
  },
  {
    name: 'the link leads to a container of an earlier card',
    symptom: 'After a new card: the keyset does not exist (0x80090016), although the certificate is there.',
    check: 'LinkContainer',
    plant: (bed, side) => relink(bed, side, { container: 'lr-of-an-earlier-card' }),
  },
  {
    name: 'the link leads to the container of another certificate',
    symptom: "Signatures with one of two certificates can't be verified (0x80090006).",
    check: 'LinkContainer',
    plant: (bed, side) => relink(bed, side, { container: certificateOf(bed, side, 1).container }),
  },
  {
    name: 'the link names a reader that is gone',
    symptom: 'Since the reader was exchanged Windows asks for a card that is inserted.',
    check: 'LinkContainer',
    plant: (bed, side) =>
      relink(bed, side, { container: `\\\\.\\Old Reader 0\\${certificateOf(bed, side).container}` }),
  },
  {
    name: 'the link has the wrong key spec',
    symptom: 'The key does not exist (0x8009000D, NTE_NO_KEY), although its container does.',
    check: 'LinkKeySpec',
    plant: (bed, side) => relink(bed, side, { keySpec: 2 }),
  },
  {
    name: 'the link takes the CSP for a KSP',
    symptom: 'The provider type does not match (0x8009001B), or the provider is not found.',
    check: 'LinkProvider',
    plant: (bed, side) => relink(bed, side, { type: 0, keySpec: 0 }),
  },
  {
    name: 'the link leads to a software provider',
    symptom: '"You have a private key", but no PIN is asked for and signing fails.',
    check: 'LinkProvider',
    plant: (bed, side) => relink(bed, side, { provider: softwareKsp, type: 0, keySpec: 0 }),
  },
  {
    name: 'one of two keys is linked by KSP',
    symptom: 'The PIN is asked for again and again.',
    check: 'ProviderMix',
    plant: (bed, side) => relink(bed, side, { provider: ksp, type: 0, keySpec: 0 }),
  },
  {
    name: 'the certificate is archived',
    symptom: 'certmgr shows the certificate only with "Archived certificates"; programs don\'t offer it.',
    check: 'Archived',
    plant: (bed, side) =>
      changeEntry(bed, certificateOf(bed, side).der, (properties) => [
        { id: propertyIds.archived, value: Buffer.alloc(0) },
        ...properties,
      ]),
  },
  {
    name: "the store's entry is cut off",
    symptom:
      'The certificate is in the profile\'s folder, but in no program; "by deleting it" it works again.',
    check: 'Store',
    plant(bed, side) {
      const path = entryPath(bed, certificateOf(bed, side).der);
      writeFileSync(path, readFileSync(path).subarray(0, 100));
    },
  },
  {
    name: "the store's entry holds another certificate",
    symptom: 'A copied profile shows a certificate under the wrong thumbprint.',
    check: 'Store',
    plant(bed, side) {
      const [one, two] = [certificateOf(bed, side), certificateOf(bed, side, 1)];
      writeFileSync(entryPath(bed, one.der), readFileSync(entryPath(bed, two.der)));
    },
  },
  {
    name: 'an earlier certificate was left behind',
    symptom: 'After a renewal the old certificate is still offered.',
    check: 'Duplicates',
    plant(bed, side) {
      const { earlier, container } = certificateOf(bed, side);
      writeFileSync(
        entryPath(bed, earlier),
        entryOf(earlier, { container, provider: csp, type: 1, keySpec: 1 }),
      );
    },
  },
  {
    name: "another user's certificate was left behind",
    symptom: 'On a server I see "certificates with my personal name" in another user\'s store.',
    check: 'ForeignUsers',
    plant(bed, side) {
      const key = Buffer.from(factsOf(bed).issuerKey, 'hex');
      const bobs = reissued(certificateOf(bed, side).earlier, key, (signed) =>
        replaceOnce(signed, Buffer.from('ada@example.com'), Buffer.from('bob@example.com')),
      );
      writeFileSync(
        entryPath(bed, bobs),
        entryOf(bobs, { container: `lr-bobs-${side}`, provider: csp, type: 1, keySpec: 1 }),
      );
    },
  },
];

const cardFaults: readonly Fault[] = [
  {
    name: 'the card is of an unknown kind',
    symptom: 'No certificate of this card ever comes.',
    check: 'Card',
    plant(bed, side) {
      writeFileSync(cardPath(bed, side), '{"card":"Unknown"}');
      keepContainers(bed, ({ reader }) => reader !== readerNames[side]);
    },
  },
  {
    name: 'the card does not answer',
    symptom: 'The reader blinks, and nothing happens.',
    check: 'Card',
    plant: (bed, side) => writeFileSync(cardPath(bed, side), '{"card":"Mute"}'),
  },
  {
    name: 'there is no card in the reader',
    symptom: 'Windows says: insert a smart card.',
    check: 'Card',
    plant: removeCard,
  },
  {
    name: "the card's certificate is damaged",
    symptom: 'One certificate of the card never comes, the others do.',
    check: 'CardCertificates',
    plant(bed, side) {
      const { der } = certificateOf(bed, side);
      changeCertificateFile(bed, side, der, Buffer.alloc(der.length, 0xee));
    },
  },
  {
    name: 'the card has another key than its certificate',
    symptom: 'Computing a signature fails with NTE_BAD_SIGNATURE (0x80090006).',
    check: 'CardKeys',
    families: ['GIDS', 'PKCS15', 'OpenPGP'],
    plant(bed, side) {
      const { within, other } = keyOf(bed, side);
      changeFile(cardPath(bed, side), (text) => text.replace(within, other));
    },
  },
  {
    name: 'the container map does not name the key',
    symptom: 'A certificate that was written to the card with a foreign tool does not appear in the store.',
    check: 'CardKeys',
    families: ['GIDS'],
    plant(bed, side) {
      const { container } = certificateOf(bed, side);
      const name = Buffer.alloc(80);
      name.write(container, 'utf16le');
      // The flag after the name says that the record counts.
      changeFile(cardPath(bed, side), (text) =>
        text.replace(new RegExp(`${hex(name)}0[13]`, 'u'), `${hex(name)}00`),
      );
    },
  },
  {
    name: 'the cache counters are cut off',
    symptom: 'Windows goes on showing what the card held before it was reinitialized.',
    check: 'CardCounters',
    families: ['GIDS'],
    plant: (bed, side) => changeFile(cardPath(bed, side), (text) => text.replace('"000002000300"', '"00"')),
  },
  {
    name: 'the certificate has expired',
    symptom: 'Signing in says that the certificate is not valid any more.',
    check: 'Validity',
    plant: (bed, side) => exchangeReissued(bed, side, (signed) => setYears(signed, '20', '21')),
  },
  {
    name: 'the certificate is not valid yet',
    symptom: "A new card can't be used on a machine whose clock is wrong.",
    check: 'Validity',
    plant: (bed, side) => exchangeReissued(bed, side, (signed) => setYears(signed, '47', '48')),
  },
  {
    name: 'the certificate has no user principal name',
    symptom: 'The sign-in screen shows no tile for the certificate.',
    check: 'SignIn',
    plant: (bed, side) =>
      exchangeReissued(bed, side, (signed) => replaceOnce(signed, upnType, lastByte(upnType, 0x7f))),
  },
  {
    name: 'the key usage lacks digital signature',
    symptom: 'No valid certificates were found on this smart card.',
    check: 'SignIn',
    plant: (bed, side) =>
      exchangeReissued(bed, side, (signed) =>
        replaceOnce(signed, Buffer.from('0404030205a0', 'hex'), Buffer.from('040403020520', 'hex')),
      ),
  },
  {
    name: 'no certificate of the card is for smart card logon',
    symptom: "The card signs mail, but can't be used to sign in.",
    check: 'SignIn',
    plant(bed, side) {
      for (const index of [0, 1] as const)
        exchangeReissued(bed, side, (signed) => replaceOnce(signed, logon, lastByte(logon, 0x7f)), { index });
    },
  },
  {
    name: 'the issuer is not known here',
    symptom: 'A certificate chain could not be built to a trusted root authority (0x800B010A).',
    check: 'RootTrust',
    plant: (bed, side) => exchangeReissued(bed, side, () => undefined, { key: factsOf(bed).strangerKey }),
  },
];

const machineFaults: readonly Fault[] = [
  {
    name: 'the root is missing',
    symptom: "A machine that is in no domain does not trust the card's certificates.",
    check: 'RootTrust',
    hides: ['the issuer is not in NTAuth'],
    plant: ({ folder }) =>
      rmSync(join(folder, 'machine', 'SystemCertificates', 'SmartCardRoot'), { recursive: true }),
  },
  {
    name: 'the issuer is not in NTAuth',
    symptom: 'The domain says that the smart card certificate used for authentication is not trusted.',
    check: 'IssuerTrust',
    plant: (bed) => changeMachine(bed, { ntAuth: ['00'.repeat(20)] }),
  },
  {
    name: 'the propagation service is disabled',
    symptom: "Certificates don't come by themselves, and smart card Plug and Play does nothing.",
    check: 'PropagationService',
    plant: (bed) => changeMachine(bed, { start: 4, state: 1 }),
  },
  {
    name: 'policy turns propagation off',
    symptom: 'No certificate comes, for nobody, on no machine of the domain.',
    check: 'PropagationPolicy',
    plant: ({ folder }) => writeFileSync(join(folder, 'policy.json'), '{"CertPropEnabled":0}'),
  },
  {
    name: "Windows' provider gives an earlier certificate",
    symptom:
      'The old certificate comes back after a renewal, although the card holds the new one (stale cache).',
    check: 'WindowsCache',
    plant(bed, side) {
      const { der, earlier } = certificateOf(bed, side, 1);
      changeFile(join(bed.folder, 'containers.json'), (text) => text.replace(hex(der), hex(earlier)));
    },
  },
  {
    name: "Windows' provider does not know a container of the card",
    symptom: "A certificate that was written to the card is not seen before the card's counters are raised.",
    check: 'WindowsCache',
    families: ['GIDS'],
    plant(bed, side) {
      const { container } = certificateOf(bed, side, 1);
      keepContainers(bed, (known) => known.container !== container);
    },
  },
  {
    name: 'the .rdp file (UTF-16) redirects smart cards',
    symptom: '"Where do these certificates come from?": mine are on every server that I was on.',
    check: 'RemoteLeak',
    plant: ({ folder }) =>
      writeRdp(folder, '\ufeffscreen mode id:i:2\r\nRedirectSmartCards:i:1\r\n', 'utf16le'),
  },
  {
    name: 'the .rdp file (UTF-8) says nothing of smart cards',
    symptom: 'Certificates stay behind on servers, although nobody turned redirection on.',
    check: 'RemoteLeak',
    plant: ({ folder }) => writeRdp(folder, 'full address:s:server\n', 'utf8'),
  },
];

export const faults: readonly Fault[] = [...storeFaults, ...cardFaults, ...machineFaults];

/** Its object identifier's DER: 1.3.6.1.4.1.311.20.2.3. */
const upnType = Buffer.from('060a2b060104018237140203', 'hex');
/** 1.3.6.1.4.1.311.20.2.2. */
const logon = Buffer.from('060a2b060104018237140202', 'hex');

function lastByte(bytes: Buffer, last: number): Buffer {
  return Buffer.concat([bytes.subarray(0, -1), Buffer.of(last)]);
}

/** Both UTCTimes begin with two digits of the year. */
function setYears(signed: Buffer, ...years: readonly string[]): void {
  let at = -1;
  for (const year of years) {
    at = signed.indexOf(Buffer.of(0x17, 0x0d), at + 1);
    if (at < 0) throw new RangeError('no time');
    signed.write(year, at + 2, 'latin1');
  }
}

/** The modulus where the card keeps the key, and what comes in its place. The certificates of the families but GIDS hold it too. */
function keyOf(bed: BedFiles, side: Side): { readonly within: RegExp; readonly other: string } {
  const modulus = hex(modulusIn(certificateOf(bed, side).der));
  const before = { GIDS: '"template": "', OpenPGP: '"key": "', PKCS15: '"content": "', PIV: '' }[bed.family];
  return {
    within: new RegExp(`(${before}[0-9A-F]{0,60}?)${modulus}`, 'u'),
    other: `$1${factsOf(bed).otherModulus}`,
  };
}

/** RSAPublicKey of 2,048 bits: SEQUENCE, INTEGER with a leading zero. */
function modulusIn(der: Buffer): Buffer {
  const header = Buffer.from('3082010a0282010100', 'hex');
  const at = der.indexOf(header) + header.length;
  return der.subarray(at, at + 256);
}

interface Container {
  readonly reader: string;
  readonly container: string;
}

/** Windows' providers know no others any more. */
function keepContainers({ folder }: BedFiles, isKept: (container: Container) => boolean): void {
  changeFile(join(folder, 'containers.json'), (text) =>
    JSON.stringify((JSON.parse(text) as readonly Container[]).filter(isKept)),
  );
}

function changeMachine({ folder }: BedFiles, changes: object): void {
  changeFile(join(folder, 'machine.json'), (text) =>
    JSON.stringify({ ...(JSON.parse(text) as object), ...changes }),
  );
}

function writeRdp(folder: string, text: string, encoding: 'utf16le' | 'utf8'): void {
  writeFileSync(join(folder, 'session.rdp'), Buffer.from(text, encoding));
}
