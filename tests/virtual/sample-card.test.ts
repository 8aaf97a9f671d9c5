import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { decodeCertificateFile } from '../../engine/card/minidriver/certificate-file.js';
import { parseContainerMap } from '../../engine/card/minidriver/cmapfile.js';
import { parseRoots } from '../../engine/card/minidriver/msroots.js';
import { getFile } from '../../engine/virtual/personalization.js';
import { makeSampleCard, type SampleCard } from '../../engine/virtual/sample-card.js';

describe('the sample card', () => {
  let card: SampleCard;
  before(async () => {
    card = await makeSampleCard();
  });

  function file(name: string): Uint8Array {
    const content = getFile(card.state, { directory: 'mscp', name });
    assert.ok(content, name);
    return content;
  }

  test('has two key exchange containers and a signature container; the first is the default', () => {
    const containers = parseContainerMap(file('cmapfile'));
    assert.deepEqual(
      containers.map(({ flags, keyExchangeKeySizeBits, signatureKeySizeBits }) => [
        flags,
        keyExchangeKeySizeBits,
        signatureKeySizeBits,
      ]),
      [
        [3, 2048, 0],
        [1, 256, 0],
        [1, 0, 2048],
      ],
    );
  });

  test('carries each container’s certificate, issued by the root in msroots', async () => {
    const [root] = await parseRoots(file('msroots'));
    assert.deepEqual(root, card.root);
    const issuer = new X509Certificate(card.root);
    assert.ok(issuer.ca && issuer.verify(issuer.publicKey));
    assert.deepEqual([...card.certificates.keys()], ['kxc00', 'kxc01', 'ksc02']);
    for (const [name, der] of card.certificates) {
      assert.deepEqual(Buffer.from(decodeCertificateFile(file(name))), Buffer.from(der));
      const certificate = new X509Certificate(der);
      assert.ok(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey), name);
      assert.match(certificate.subjectAltName ?? '', /UPN|ada@example\.com/);
    }
  });

  test('has a logon certificate for smart card logon and client authentication', () => {
    const der = card.certificates.get('kxc00');
    assert.ok(der);
    assert.deepEqual(new X509Certificate(der).keyUsage, ['1.3.6.1.4.1.311.20.2.2', '1.3.6.1.5.5.7.3.2']);
  });
});
