/** What CertProp writes into Windows' stores, as .NET sees it there, and the other way round: both under Wine. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { baseCsp, encodeKeyLink } from '../../engine/certificate/key-link.js';
import type { StoreLocation } from '../../engine/store/place.js';
import { propertyId } from '../../engine/store/property-id.js';
import { encodeText } from '../../engine/store/serialized.js';
import { ada, grace, type TestCertificate } from '../store/certificates.js';
import { skipWithoutWineWitness, wineWitness, type Witness } from '../support/dotnet-witness.js';
import { startWine, type Wine } from '../support/wine.js';
import { wineStores, type WineStores } from '../wine/store-bed.js';
import type { PropertyList, StoreOperation } from '../wine/store-operations.js';

const link = encodeKeyLink({
  container: 'a-1',
  provider: baseCsp,
  providerType: 1,
  flags: 0,
  keySpec: 1,
});
const linked: readonly [number, string] = [propertyId.keyProvInfo, Buffer.from(link).toString('hex')];
const named = (name: string): readonly [number, string] => [
  propertyId.friendlyName,
  Buffer.from(encodeText(name)).toString('hex'),
];
const base64 = ({ der }: TestCertificate): string => Buffer.from(der).toString('base64');

suite('.NET and CertProp on the same stores under Wine', { skip: await skipWithoutWineWitness() }, () => {
  let wine: Wine;
  let stores: WineStores;
  let witness: Witness;
  before(async () => {
    wine = await startWine();
    stores = await wineStores(wine);
    witness = await wineWitness(wine);
  });
  after(() => wine.stop());

  /** What CertProp answers to one operation, in a new process. */
  async function certProp(
    location: StoreLocation,
    store: string,
    operation: StoreOperation,
  ): Promise<unknown> {
    const { answers } = await stores.run(location, store, [operation]);
    const [answer] = answers;
    assert.ok(answer !== undefined && 'value' in answer, JSON.stringify(answer));
    return answer.value;
  }

  const added = (certificate: TestCertificate, properties: PropertyList): StoreOperation => ({
    ...{ do: 'add', certificate: base64(certificate), properties },
    disposition: 'ReplaceExistingInheritProperties',
  });

  test('.NET sees the thumbprint, friendly name and key link that CertProp wrote', async () => {
    assert.equal(await certProp('CurrentUser', 'My', added(ada, [linked, named('Ada \u00e4')])), 'Added');
    assert.equal(await certProp('CurrentUser', 'My', added(grace, [])), 'Added');
    const seen = await witness.list('CurrentUser', 'My');
    assert.deepEqual(
      [...seen].sort((a, b) => (a.thumbprint < b.thumbprint ? -1 : 1)),
      [
        {
          ...{ thumbprint: grace.thumbprint, certificate: base64(grace) },
          ...{ friendlyName: '', hasPrivateKey: false },
        },
        {
          ...{ thumbprint: ada.thumbprint, certificate: base64(ada) },
          ...{ friendlyName: 'Ada \u00e4', hasPrivateKey: true },
        },
      ],
    );
  });

  test('.NET no longer sees what CertProp removed', async () => {
    const removed = await certProp('CurrentUser', 'My', { do: 'remove', thumbprint: ada.thumbprint });
    assert.equal(removed, true);
    const seen = await witness.list('CurrentUser', 'My');
    assert.deepEqual(
      seen.map(({ thumbprint }) => thumbprint),
      [grace.thumbprint],
    );
  });

  for (const [location, store] of [
    ['CurrentUser', 'Request'],
    ['LocalMachine', 'SmartCardRoot'],
    ['LocalMachine', 'My'],
  ] as const) {
    test(`CertProp sees what .NET added to ${location}\\${store}`, async () => {
      await witness.add(location, store, grace.der);
      const { thumbprint } = grace;
      const found = await certProp(location, store, { do: 'find', thumbprint });
      assert.ok(typeof found === 'object' && found !== null && 'certificate' in found);
      assert.equal(found.certificate, base64(grace));
      assert.equal(await certProp(location, store, added(grace, [])), 'Unchanged');
      assert.equal(await certProp(location, store, { do: 'remove', thumbprint }), true);
      assert.deepEqual(await witness.list(location, store), []);
    });
  }

  test("CertProp's own machine store entries are what .NET lists of LocalMachine\\SmartCardRoot", async () => {
    assert.equal(await certProp('LocalMachine', 'SmartCardRoot', added(ada, [])), 'Added');
    const seen = await witness.list('LocalMachine', 'SmartCardRoot');
    assert.deepEqual(
      seen.map(({ thumbprint, hasPrivateKey }) => [thumbprint, hasPrivateKey]),
      [[ada.thumbprint, false]],
    );
  });
});
