/** Plans made and carried out through the engine, as the cmdlets do. */
import { noSelectors, plainPropagation, type EngineConnection } from '../../build/engine-client.js';
import type { ErrorData, Method, Parameters, StreamEvent } from '../../engine/rpc/contract.js';
import type { PropagationResult } from '../../engine/propagation/result.js';
import type { StorePlace } from '../../engine/store/place.js';

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

/** A plan that the engine keeps, and what it told of it. */
export interface Plan extends Outcome {
  readonly planId: number;
}

/** Propagates all inserted cards' certificates, and says what became of each. */
export async function propagate(
  engine: EngineConnection,
  store: StoreOf,
  options: Partial<Parameters<'propagation/plan'>> = {},
): Promise<Outcome> {
  return carriedOut(engine, await planPropagation(engine, store, options));
}

/** What `-WhatIf` shows; nothing is written. */
export function planPropagation(
  engine: EngineConnection,
  store: StoreOf,
  options: Partial<Parameters<'propagation/plan'>> = {},
): Promise<Plan> {
  return made(engine, 'propagation/plan', { ...plainPropagation, ...store, ...options });
}

/** Takes back the roots that CertProp propagated. */
export async function removeRoots(
  engine: EngineConnection,
  store: StoreOf,
  notOnCard: boolean,
): Promise<Outcome> {
  const plan = await made(engine, 'removal/plan', {
    ...noSelectors,
    ...{ named: false, notOnCard, roots: true, backup: null, trace: 'None' },
    ...{ storePlace: store.storePlace, storeNames: [store.storeName] },
  });
  return carriedOut(engine, plan);
}

/** Removes the certificates with these thumbprints, as if a person had typed them. */
export async function removeNamed(
  engine: EngineConnection,
  store: StoreOf,
  thumbprints: readonly string[],
): Promise<Outcome> {
  const plan = await made(engine, 'removal/plan', {
    ...noSelectors,
    ...{ thumbprints: [...thumbprints], named: true, roots: false, backup: null, trace: 'None' },
    ...{ storePlace: store.storePlace, storeNames: [store.storeName] },
  });
  return carriedOut(engine, plan);
}

async function made<M extends 'propagation/plan' | 'removal/plan'>(
  engine: EngineConnection,
  method: M,
  parameters: Omit<Parameters<M>, 'progressToken'>,
): Promise<Plan> {
  const { answer, ...told } = await collected(engine, method, parameters);
  return { planId: answer.planId, ...told };
}

/** Carries out all of a plan; what was told of the plan comes first. */
async function carriedOut(engine: EngineConnection, plan: Plan): Promise<Outcome> {
  const { results, errors, warnings } = await applyPlan(engine, plan);
  return { results, errors: [...plan.errors, ...errors], warnings: [...plan.warnings, ...warnings] };
}

/** Carries out all of a plan. */
export async function applyPlan(engine: EngineConnection, plan: Plan): Promise<Outcome> {
  const indexes = [...plan.results.keys()];
  const { results, errors, warnings } = await collected(engine, 'plan/apply', {
    ...{ planId: plan.planId, indexes, trace: 'None' },
  });
  return { results, errors, warnings };
}

async function collected<M extends Method>(
  engine: EngineConnection,
  method: M,
  parameters: Omit<Parameters<M>, 'progressToken'>,
) {
  const events: StreamEvent[] = [];
  const answer = await engine.request(method, parameters, (event) => events.push(event));
  return { answer, ...outcomeOf(events) };
}

/** What was told of a plan's steps. */
export function outcomeOf(events: readonly StreamEvent[]): Outcome {
  return {
    results: events.flatMap((event) => (event.kind === 'result' ? [event.result] : [])),
    errors: events.flatMap((event) => (event.kind === 'error' ? [event.error] : [])),
    warnings: events.flatMap((event) => (event.kind === 'warning' ? [event.error] : [])),
  };
}
