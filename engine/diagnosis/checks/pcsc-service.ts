import { passed, unseen, type Check } from '../finding.js';

/** The smart card service (resource manager) answers. */
export const pcscService: Check = {
  name: 'PcscService',
  judge({ readers }) {
    if (readers.kind === 'Seen') return [passed('The smart card service answers.')];
    if (readers.kind === 'NotHere') return [unseen(readers)];
    return [
      {
        status: 'Failed',
        finding: `The smart card service can't be reached: ${readers.error.message}`,
        evidence: { error: readers.error.id },
        remedy:
          'On Windows: Start-Service SCardSvr in an elevated session, with the start type not Disabled. On Linux: systemctl start pcscd.socket.',
      },
    ];
  },
};
