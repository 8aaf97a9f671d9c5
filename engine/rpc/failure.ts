/** Errors as the client gets them. */
import { ResponseError } from 'vscode-jsonrpc';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';
import { type ErrorData, errorCodes, type Method } from './contract.js';
import { describeError } from './describe.js';

const shownText = 200;

/** The answer to a request whose handler failed. An error that is not the product's own is reported without its stack. */
export function failure(method: Method, error: unknown, signal: AbortSignal): ResponseError<unknown> {
  if (error instanceof CertPropError) {
    const data = describeError(error);
    return new ResponseError(errorCodes.certProp, data.message, data);
  }
  if (isCancellation(error, signal))
    return new ResponseError(errorCodes.requestCancelled, `${method} was cancelled.`);
  const message = `${method} failed unexpectedly (${brief(error)}). This is a defect in CertProp: please report it.`;
  return new ResponseError(errorCodes.internalError, message, {
    id: 'InternalError',
    message,
  } satisfies ErrorData);
}

/** Outside text cut to a length that is fit for a message. */
export function shortened(text: string): string {
  return visible(text.length > shownText ? `${text.slice(0, shownText)}...` : text);
}

function isCancellation(error: unknown, signal: AbortSignal): boolean {
  return (
    signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'))
  );
}

function brief(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const [firstLine = ''] = error.message.split('\n', 1);
  return shortened(`${error.name}: ${firstLine}`);
}
