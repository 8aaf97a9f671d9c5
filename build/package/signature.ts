/** The Authenticode signature of the Node.js that is shipped. */
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRequired } from '../require.js';
import { root } from '../root.js';
import { findProgram, run } from '../run.js';

/** `unchecked`: osslsigncode is not installed. */
export type SignatureCheck = 'verified' | 'unchecked';

/**
 * Node.js is signed through Microsoft's Artifact Signing. Its root, which signs the time stamps too, is in no Linux distribution's
 * store: https://www.microsoft.com/pkiops/docs/repository.htm
 */
const trustedRoot = join(root, 'build', 'package', 'microsoft-identity-root-2020.pem');
const trustedRootSha256 = '5367f20c7ade0e2bca790915056d086b720c33c1fa2a2661acf787e3292e1270';

const signer =
  /^Signer's certificate:\s+(?:-+\s+)?Signer #0:\s+Subject: .*\/O=OpenJS Foundation\/CN=OpenJS Foundation$/mu;
const timestamp = /^Timestamp Server Signature verification: ok$/mu;

/**
 * Throws unless the OpenJS Foundation signed a program, with a time stamp: its certificates are valid for three days. Revocation is
 * not looked up, because that needs more of the network than npm's registry; the file is pinned by its hash besides.
 */
export async function checkNodeSignature(program: string): Promise<SignatureCheck> {
  const tool = findProgram('osslsigncode');
  if (tool === null) {
    if (isRequired('osslsigncode')) throw new Error('osslsigncode is missing (CERTPROP_REQUIRE names it)');
    return 'unchecked';
  }
  assertTrustedRoot();
  const roots = ['-CAfile', trustedRoot, '-TSA-CAfile', trustedRoot];
  const { exitCode, output, errors } = await run(tool, [
    'verify',
    ...(await withoutRevocation(tool)),
    ...roots,
    '-in',
    program,
  ]);
  if (exitCode !== 0 || !signer.test(output) || !timestamp.test(output)) {
    throw new Error(`${program} is not as the OpenJS Foundation signed it:\n${output}${errors}`);
  }
  return 'verified';
}

function assertTrustedRoot(): void {
  const { raw } = new X509Certificate(readFileSync(trustedRoot));
  if (createHash('sha256').update(raw).digest('hex') !== trustedRootSha256) {
    throw new Error(`${trustedRoot} is not Microsoft's root certificate`);
  }
}

/** osslsigncode 2.5 looks up no revocation lists and knows no option against it; later releases do. */
async function withoutRevocation(tool: string): Promise<string[]> {
  const { output, errors } = await run(tool, ['verify', '--help']);
  return `${output}${errors}`.includes('-ignore-crl') ? ['-ignore-crl'] : [];
}
