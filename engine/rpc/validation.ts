/** Checks a request's parameters against the contract. */
import * as v from 'valibot';
import { ResponseError } from 'vscode-jsonrpc';
import { errorCodes, type Method, type Parameters, parameters } from './contract.js';
import { shortened } from './failure.js';
import { isObject } from './message.js';

export function isMethod(name: string): name is Method {
  return Object.hasOwn(parameters, name);
}

/**
 * A checked copy of the parameters; absent parameters are an empty object. Secrets in the original are overwritten.
 * @throws ResponseError InvalidParams with `data.field`, such as `targets[3].readerName`; values are never shown
 */
export function checkedParameters<M extends Method>(method: M, given: unknown): Parameters<M> {
  const schema: (typeof parameters)[M] = parameters[method];
  try {
    if (Array.isArray(given))
      throw invalidParameters(method, 'params', 'must be an object with named fields');
    const checked = v.safeParse(schema, given ?? {}, { abortEarly: true, abortPipeEarly: true });
    if (checked.success) return checked.output;
    const [issue] = checked.issues;
    throw invalidParameters(method, fieldOf(issue), complaint(issue));
  } finally {
    wipeSecrets(given);
  }
}

function wipeSecrets(given: unknown): void {
  if (!isObject(given)) return;
  const { pin, credential } = given;
  for (const secret of [pin, isObject(credential) ? credential.bytes : null])
    if (Array.isArray(secret)) secret.fill(0);
}

function invalidParameters(
  method: Method,
  field: string,
  complaint: string,
): ResponseError<{ field: string }> {
  return new ResponseError(errorCodes.invalidParams, `${method}: ${field} ${complaint}.`, { field });
}

/** Says what was expected only: what was received may be a PIN. */
function complaint(issue: v.BaseIssue<unknown>): string {
  const lastKey = issue.path?.at(-1);
  if (lastKey?.origin === 'key') return issue.expected === 'never' ? 'is not a known field' : 'is missing';
  return `must be ${issue.expected ?? issue.type}`;
}

function fieldOf(issue: v.BaseIssue<unknown>): string {
  const path = (issue.path ?? []).map((item) =>
    item.type === 'array' ? `[${String(item.key)}]` : `.${String(item.key)}`,
  );
  return shortened(path.join('').replace(/^\./, '')) || 'params';
}
