import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { computerEvidence, scopeOf } from '../../engine/certificate/computer.js';
import { readCertificate } from '../../engine/certificate/x509.js';

const folder = 'tests/fixtures/certificates/scope';
const read = (name: string) => readCertificate(readFileSync(`${folder}/${name}.der`));

const server = (name: string) => `it authenticates the server ${name} and names no person`;
const computers: Readonly<Record<string, readonly [rule: string, because: string]>> = {
  'computer-machine': ['TemplateName', 'its template is Machine'],
  'computer-web-server-utf8': ['TemplateName', 'its template is WebServer'],
  'computer-domain-controller': ['TemplateId', 'its template is DomainControllerAuthentication'],
  'computer-kerberos': ['TemplateId', 'its template is KerberosAuthentication'],
  'computer-server-name': ['ServerName', server('www.example.org')],
  'computer-wildcard': ['ServerName', server('*.example.org')],
};

for (const [name, [rule, because]] of Object.entries(computers)) {
  test(`${name} is a computer's: ${because}`, async () => {
    const info = await read(name);
    assert.deepEqual(computerEvidence(info), { rule, because });
    assert.equal(scopeOf(info), 'Computer');
  });
}

const users: Readonly<Record<string, string>> = {
  'user-dns-and-email': 'a server name beside an e-mail address',
  'user-dns-and-subject-email': "a server name beside the subject's e-mail address",
  'user-dns-and-upn': 'a server name beside a user principal name',
  'user-dns-and-logon': 'a server name beside smart card logon',
  'user-dns-without-usages': 'a DNS name without extended key usages',
  'user-dns-any-usage': 'a DNS name with any usage',
  'user-dns-client': 'a DNS name with client authentication only',
  'user-address-as-dns': 'an e-mail address in the place of a DNS name',
  'user-server-without-name': 'server authentication without a DNS name',
  'user-template-user': 'the template User',
  'user-template-logon': 'the template SmartcardLogon',
  'user-template-unknown': 'a template whose name only begins with Machine',
  'user-template-non-ascii': 'a template whose name is not ASCII',
  'user-two-templates': "a user's template by name and a computer's by identifier",
  'user-own-template': "a company's own template that ends in a default template's number",
  'user-empty-subject': 'an empty subject',
  'user-code-signing': 'code signing',
  damaged: 'extensions that can not be read',
};

for (const [name, what] of Object.entries(users)) {
  test(`${name} is a user's: ${what}`, async () => {
    const info = await read(name);
    assert.equal(computerEvidence(info), null);
    assert.equal(scopeOf(info), 'User');
  });
}

test('every certificate of the folder is judged by these tables', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.der'));
  const names = [...Object.keys(computers), ...Object.keys(users)];
  assert.deepEqual(files.sort(), names.map((name) => `${name}.der`).sort());
});

test("the names of Microsoft's default templates decide, in any case; those for people do not", async () => {
  const info = await read('user-template-user');
  const documented = readFileSync('docs/computer-certificates.md', 'utf8');
  const rows = [...documented.matchAll(/^\| `(\w+)` \| [^|]+ \| (Computer|User|Authority) \|/gmu)];
  assert.equal(rows.length, 33);
  for (const [, name = '', subject] of rows) {
    for (const templateName of [name, name.toUpperCase()]) {
      const evidence = computerEvidence({ ...info, templateName });
      assert.equal(evidence?.because, subject === 'Computer' ? `its template is ${name}` : undefined);
    }
  }
});

test('no template identifier but the attested ones decides', async () => {
  const info = await read('user-own-template');
  const arcs = fc.array(fc.nat(99_999_999), { minLength: 0, maxLength: 10 });
  fc.assert(
    fc.property(arcs, fc.nat(40), (forest, number) => {
      const templateId = ['1.3.6.1.4.1.311.21.8', ...forest, 1, number].join('.');
      const isComputers = forest.length === 6 && (number === 28 || number === 33);
      assert.equal(computerEvidence({ ...info, templateId })?.rule, isComputers ? 'TemplateId' : undefined);
    }),
  );
});

test('evidence is safe to show, whatever the certificate holds', async () => {
  const info = await read('computer-server-name');
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), fc.string({ unit: 'binary' }), (dnsNames, name) => {
      const because = computerEvidence({ ...info, dnsNames, templateName: name })?.because ?? '';
      assert.match(because, /^[\x20-\x7e]{0,400}$/u);
    }),
  );
});
