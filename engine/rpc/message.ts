/** JSON-RPC 2.0 messages as values (JSON-RPC 2.0 sections 4 and 5). */
import type { NotificationMessage, RequestMessage } from 'vscode-jsonrpc';

/** Longer identifiers would take the room of the answer. */
const idLimit = 256;

/** A request or notification. Batches (arrays) and answers are not accepted: the engine never asks its client. */
export function isMessage(value: unknown): value is RequestMessage | NotificationMessage {
  if (!isObject(value) || value.jsonrpc !== '2.0' || typeof value.method !== 'string') return false;
  const params = value.params;
  if (params !== undefined && (typeof params !== 'object' || params === null)) return false;
  if (Object.hasOwn(value, 'id')) return isId(value.id);
  return value.method !== '$/cancelRequest' || (isObject(params) && isId(params.id));
}

/** The identifier to answer with when a value is no message: its own where it has one. */
export function idOf(value: unknown): number | string | null {
  const id = isObject(value) ? value.id : null;
  return isId(id) ? id : null;
}

/** JSON in ASCII: every other UTF-16 code unit is escaped (RFC 8259 section 7), so that no reader can misread the encoding. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function isId(value: unknown): value is number | string {
  return typeof value === 'string' ? value.length <= idLimit : Number.isSafeInteger(value);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
