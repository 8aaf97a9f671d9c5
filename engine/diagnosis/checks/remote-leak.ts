import { policyOf } from '../../policy/policy.js';
import type { Facts, Redirection } from '../facts.js';
import { passed, skipped, unseen, type Check, type Evidence, type Judgment } from '../finding.js';

/** winsvc.h, SERVICE_RUNNING. */
const running = 4;

/**
 * Whether a remote profile would keep, or here keeps, a card's certificates. Four conditions have to be met: a card is in the reader
 * during the session, the settings file that redirects is used, redirection is on in it and by policy, and the propagation service runs
 * on the server.
 */
export const remoteLeak: Check = {
  name: 'RemoteLeak',
  judge(facts) {
    if (facts.isRemoteSession) return [server(facts)];
    if (facts.redirection.kind === 'Unreadable') return [unseen(facts.redirection)];
    if (facts.redirection.kind === 'NotHere') return [skipped(facts.redirection.why)];
    return [client(facts, facts.redirection.value)];
  },
};

function client(facts: Facts, redirection: Redirection): Judgment {
  const { path, given, file } = redirection;
  const conditions = {
    ...{ cardInReader: hasCard(facts), file: path, fileRedirects: file.redirectsSmartCards },
    ...{
      setting: file.settings.join(', ') || null,
      policyAllows: isAllowed(facts),
      serviceOnServer: 'not visible from here',
    },
  };
  if (!file.redirectsSmartCards)
    return passed(
      `${path} does not redirect smart cards: a session leaves no certificates behind.`,
      conditions,
    );
  if (!isAllowed(facts))
    return passed(
      'Policy does not let smart cards be redirected: a session leaves no certificates behind.',
      conditions,
    );
  if (!conditions.cardInReader)
    return passed(
      'Smart cards are redirected, but no card is inserted that could leave certificates behind.',
      conditions,
    );
  return {
    status: given ? 'Failed' : 'Warning',
    finding: `${path} redirects smart cards: the certificates of an inserted card stay behind in the profile on the server, if the certificate propagation service runs there.`,
    evidence: conditions,
    remedy: `Set redirectsmartcards:i:0 in ${path}, or disable CertPropSvc on the server; what stayed behind: Get-PropagatedCertificate and Remove-PropagatedCertificate on the server.`,
  };
}

function server(facts: Facts): Judgment {
  const { service } = facts;
  const isRunning = service.kind === 'Seen' && service.value.state === running;
  const conditions: Evidence = {
    ...{ remoteSession: true, cardInReader: hasCard(facts), policyAllows: isAllowed(facts) },
    serviceRunning: isRunning,
  };
  if (!hasCard(facts)) return passed('In this remote session no card is redirected.', conditions);
  if (!isRunning)
    return passed(
      'Cards are redirected into this remote session, but the certificate propagation service does not run.',
      conditions,
    );
  return {
    status: 'Failed',
    finding:
      'This is a remote session with a redirected card, and the certificate propagation service runs: the certificates of the card stay behind in this profile.',
    evidence: conditions,
    remedy:
      'Stop and disable CertPropSvc on this server, or set redirectsmartcards:i:0 in the .rdp file; what stayed behind: Remove-PropagatedCertificate -NotOnCard.',
  };
}

function hasCard({ readers }: Facts): boolean {
  return (
    readers.kind === 'Seen' &&
    readers.value.some(({ reader }) => reader.atr !== null || reader.status === 'Mute')
  );
}

function isAllowed({ policies }: Facts): boolean {
  return policies.kind !== 'Seen' || policyOf('fEnableSmartCard', policies.value).effective === 'Enabled';
}
