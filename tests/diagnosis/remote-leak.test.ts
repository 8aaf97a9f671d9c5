import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remoteLeak } from '../../engine/diagnosis/checks/remote-leak.js';
import { seen } from '../../engine/diagnosis/facts.js';
import { finds, onCards, policies, reader } from './facts-sample.js';

const redirection = (redirectsSmartCards: boolean, given = true) => ({
  redirection: seen({ path: '/s.rdp', given, file: { redirectsSmartCards, settings: [] } }),
});
const service = (state: number) => ({ service: seen({ start: 3, state }) });

test('Failed: the file redirects, policy allows it, and a card is inserted', () => {
  const { evidence } = finds(
    remoteLeak,
    redirection(true),
    'Failed',
    /stay behind in the profile on the server/u,
  );
  assert.equal(
    evidence,
    'cardInReader=true; file=/s.rdp; fileRedirects=true; setting=none; policyAllows=true; serviceOnServer=not visible from here',
  );
});
test("Warning: mstsc's own settings redirect, as they do by default", () => {
  finds(remoteLeak, redirection(true, false), 'Warning', /stay behind/u);
});
test('Passed: one of the conditions is missing', () => {
  finds(remoteLeak, redirection(false), 'Passed', /does not redirect/u);
  finds(
    remoteLeak,
    { ...redirection(true), policies: policies({ fEnableSmartCard: 0 }) },
    'Passed',
    /Policy does not let/u,
  );
  finds(
    remoteLeak,
    { ...redirection(true), readers: seen([reader('Empty')]) },
    'Passed',
    /no card is inserted/u,
  );
});
test('Failed: this is the server, a card is redirected and the service runs', () => {
  finds(remoteLeak, { isRemoteSession: true, ...service(4) }, 'Failed', /this profile/u);
});
test('Passed: on the server one of the conditions is missing', () => {
  finds(remoteLeak, { isRemoteSession: true, ...service(1) }, 'Passed', /does not run/u);
  finds(
    remoteLeak,
    { isRemoteSession: true, ...service(4), readers: seen([]), cards: onCards() },
    'Passed',
    /no card is redirected/u,
  );
});
test('Skipped: there is no file', () => {
  finds(remoteLeak, {}, 'Skipped', /./u);
});
