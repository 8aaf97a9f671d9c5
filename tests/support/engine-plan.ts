/** Plans made and carried out through the engine, as the cmdlets do. */
import type { EngineConnection } from '../../build/engine-client.js';
import type { ErrorData, Method, Parameters, StreamEvent } from '../../engine/rpc/contract.js';
import type { PropagationResult } from '../../engine/propagation/result.js';
import type { StorePlace } from '../../engine/store/place.js';
import { noSelectors } from './selectors.js';

export interface Outcome {
  readonly results: readonly PropagationResult[];
  readonly errors: readonly ErrorData[];
  readonly warnings: readonly ErrorData[];
}

export interface StoreOf {
  readonly storePlace: StorePlace;
  readonly storeName: string;
}

/** The user's Personal store of Windows. */
export const personalStore: StoreOf = {
  storePlace: { kind: 'System', location: 'CurrentUser' },
  storeName: 'My',
};

/** Propagates all inserted cards' certificates, and says what became of each. */
export function propagate(
  engine: EngineConnection,
  store: StoreOf,
  options: Partial<Parameters<'propagation/plan'>> = {},
): Promise<Outcome> {
  return planAndApply(engine, 'propagation/plan', {
    ...{
      readers: null,
      targets: null,
      keyProvider: 'Auto',
      keyContainer: null,
      ignorePolicy: false,
      allowUnlinked: false,
      includeIntermediate: false,
      includeRemote: false,
      scope: null,
      sourcePaths: null,
    },
    ...{ allSlots: false, pkcs11Module: null, trace: 'None' },
    ...store,
    ...options,
  });
}

/** Takes back the roots that CertProp propagated. */
export function removeRoots(engine: EngineConnection, store: StoreOf, notOnCard: boolean): Promise<Outcome> {
  return planAndApply(engine, 'removal/plan', {
    ...noSelectors,
    ...{ named: false, notOnCard, roots: true, backup: null, trace: 'None' },
    ...{ storePlace: store.storePlace, storeNames: [store.storeName] },
  });
}

/** Removes the certificates with these thumbprints, as if a person had typed them. */
export function removeNamed(
  engine: EngineConnection,
  store: StoreOf,
  thumbprints: readonly string[],
): Promise<Outcome> {
  return planAndApply(engine, 'removal/plan', {
    ...noSelectors,
    ...{ thumbprints: [...thumbprints], named: true, roots: false, backup: null, trace: 'None' },
    ...{ storePlace: store.storePlace, storeNames: [store.storeName] },
  });
}

async function planAndApply<M extends 'propagation/plan' | 'removal/plan'>(
  engine: EngineConnection,
  method: M,
  parameters: Omit<Parameters<M>, 'progressToken'>,
): Promise<Outcome> {
  const planned = await collected(engine, method, parameters);
  const { planId } = planned.answer;
  const indexes = [...planned.results.keys()];
  const applied = await collected(engine, 'plan/apply', { planId, indexes, trace: 'None' });
  return {
    results: applied.results,
    errors: [...planned.errors, ...applied.errors],
    warnings: [...planned.warnings, ...applied.warnings],
  };
}

async function collected<M extends Method>(
  engine: EngineConnection,
  method: M,
  parameters: Omit<Parameters<M>, 'progressToken'>,
) {
  const events: StreamEvent[] = [];
  const answer = await engine.request(method, parameters, (event) => events.push(event));
  return {
    answer,
    results: events.flatMap((event) => (event.kind === 'result' ? [event.result] : [])),
    errors: events.flatMap((event) => (event.kind === 'error' ? [event.error] : [])),
    warnings: events.flatMap((event) => (event.kind === 'warning' ? [event.error] : [])),
  };
}
