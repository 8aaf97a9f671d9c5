import { passed, unseen, type Check, type Judgment } from '../finding.js';

/** winnt.h, SERVICE_DISABLED; winsvc.h, SERVICE_RUNNING. */
const disabled = 4;
const running = 4;
const starts: Readonly<Record<number, string>> = { 2: 'Automatic', 3: 'Manual', 4: 'Disabled' };
const states: Readonly<Record<number, string>> = {
  1: 'Stopped',
  2: 'StartPending',
  3: 'StopPending',
  4: 'Running',
};

/** Windows' own service: without it certificates don't come by themselves, and there is no smart card Plug and Play. */
export const propagationService: Check = {
  name: 'PropagationService',
  judge({ service }) {
    if (service.kind !== 'Seen') return [unseen(service)];
    const { start, state } = service.value;
    const evidence = {
      service: 'CertPropSvc',
      startType: start === null ? null : (starts[start] ?? start),
      state: state === null ? null : (states[state] ?? state),
    };
    if (start === null) return [missing(evidence)];
    if (start === disabled) return [isDisabled(evidence)];
    if (state !== null && state !== running) return [stopped(evidence)];
    return [passed('The certificate propagation service is there and not disabled.', evidence)];
  },
};

type ServiceEvidence = Judgment['evidence'];

function missing(evidence: ServiceEvidence): Judgment {
  return {
    status: 'Failed',
    finding: 'There is no service CertPropSvc on this machine.',
    evidence,
    remedy: 'Invoke-CertPropagation does its work on demand, Watch-CertPropagation for each card that comes.',
  };
}

function isDisabled(evidence: ServiceEvidence): Judgment {
  return {
    status: 'Failed',
    finding:
      'The certificate propagation service is disabled: certificates do not come by themselves, and smart card Plug and Play does not work.',
    evidence,
    remedy:
      'Set-Service CertPropSvc -StartupType Manual; Start-Service CertPropSvc (elevated). On servers where cards should leave nothing behind, leave it disabled and use Invoke-CertPropagation.',
  };
}

function stopped(evidence: ServiceEvidence): Judgment {
  return {
    status: 'Warning',
    finding:
      'The certificate propagation service is not running. Remote Desktop Services starts it with themselves; when it runs, only a card that is inserted again, or a restart of the service, makes it propagate.',
    evidence,
    remedy: 'Start-Service CertPropSvc (elevated), or Invoke-CertPropagation without any rights.',
  };
}
