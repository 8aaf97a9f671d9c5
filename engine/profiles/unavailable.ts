import { CertPropError } from '../errors.js';

/** Until there is guarded access to users' profiles. */
export function profilesUnavailable(): never {
  throw new CertPropError('ProfilesUnavailable', 'This system has no guarded access to profiles.');
}
