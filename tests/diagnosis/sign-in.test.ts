import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signIn } from '../../engine/diagnosis/checks/sign-in.js';
import { day, finds, onCards, policies, rsa } from './facts-sample.js';

const having = (changes: Partial<typeof rsa.info>, file: Partial<typeof rsa.file> = {}) => ({
  cards: onCards({ ...rsa, info: { ...rsa.info, ...changes }, file: { ...rsa.file, ...file } }),
});
const clientOnly = having({ extendedKeyUsages: ['1.3.6.1.5.5.7.3.2'] });

test('Passed: Windows offers it', () => {
  finds(signIn, {}, 'Passed', /^1 certificate/u);
});
test('Failed: it has no user principal name', () => {
  finds(signIn, having({ upn: null }), 'Failed', /no user principal name/u);
});
test('Failed: its key usage lacks digital signature', () => {
  finds(signIn, having({ keyUsages: ['keyEncipherment'] }), 'Failed', /lacks digital signature/u);
});
test('Failed: its key can only sign, unless policy allows that', () => {
  const signature = having({}, { keySpec: 'Signature' });
  const { remedy } = finds(signIn, signature, 'Failed', /can only sign/u);
  assert.match(remedy ?? '', /AllowSignatureOnlyKeys to 1/u);
  finds(signIn, { ...signature, policies: policies({ AllowSignatureOnlyKeys: 1 }) }, 'Passed', /./u);
});
test('Failed: no certificate of the card has the usage smart card logon, unless policy allows that', () => {
  finds(signIn, clientOnly, 'Failed', /smart card logon/u);
  finds(signIn, { ...clientOnly, policies: policies({ AllowCertificatesWithNoEKU: 1 }) }, 'Passed', /./u);
});
test('Failed: the policy does not help a certificate for mail only', () => {
  const mail = having({ extendedKeyUsages: ['1.3.6.1.5.5.7.3.4'] });
  const { remedy } = finds(
    signIn,
    { ...mail, policies: policies({ AllowCertificatesWithNoEKU: 1 }) },
    'Failed',
    /logon/u,
  );
  assert.doesNotMatch(remedy ?? '', /AllowCertificatesWithNoEKU/u);
});
test('Passed: beside one that can be used, a certificate for something else is no fault', () => {
  const [other] = clientOnly.cards.certificates;
  finds(
    signIn,
    {
      cards: onCards(
        rsa,
        ...(other === undefined ? [] : [{ ...other, info: { ...other.info, thumbprint: 'AB' } }]),
      ),
    },
    'Passed',
    /^1 certificate/u,
  );
});
test('Skipped: one that is out of time is named by the check Validity', () => {
  finds(signIn, { now: rsa.info.notAfter + day }, 'Skipped', /for signing in/u);
  finds(
    signIn,
    { now: rsa.info.notAfter + day, policies: policies({ AllowTimeInvalidCertificates: 1 }) },
    'Passed',
    /./u,
  );
});
test('Skipped: nothing says that it is for signing in', () => {
  finds(signIn, having({ upn: null, extendedKeyUsages: null }), 'Skipped', /for signing in/u);
});
