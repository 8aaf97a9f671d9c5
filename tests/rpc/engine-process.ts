/** An engine as a child process, spoken to in bytes. */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';

export const fixtureEngine = fileURLToPath(new URL('fixture-engine.js', import.meta.url));

export interface Answer {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: { readonly token: number; readonly value: Record<string, unknown> };
  readonly result?: Record<string, unknown>;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: Record<string, unknown>;
  };
}

export interface EngineProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Everything received so far. */
  readonly answers: readonly Answer[];
  readonly standardError: () => string;
  send(bytes: string | Uint8Array): void;
  /** The first message that fits, received already or yet to come; fails when the engine ends without it. */
  answer(fits: (answer: Answer) => boolean): Promise<Answer>;
  request(id: number | string, method: string, params?: unknown): Promise<Answer>;
  /** The exit code, or the signal that ended it, once all its output was read. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts the fixture engine; it is killed with the test if it is still there. */
export function startEngine(context: TestContext, ...given: string[]): EngineProcess {
  const child = spawn(process.execPath, [fixtureEngine, ...given], { stdio: ['pipe', 'pipe', 'pipe'] });
  context.after(() => child.kill('SIGKILL'));
  child.stdin.on('error', () => undefined);
  return follow(child);
}

export function follow(child: ChildProcessByStdio<Writable, Readable, Readable>): EngineProcess {
  const arrivals = new EventEmitter();
  const answers: Answer[] = [];
  let unread = Buffer.alloc(0);
  let standardError = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (standardError += text));
  child.stdout.on('data', (bytes: Buffer) => {
    unread = Buffer.concat([unread, bytes]);
    for (let found = firstAnswer(unread); found !== null; found = firstAnswer(unread)) {
      answers.push(found.answer);
      unread = unread.subarray(found.length);
      arrivals.emit('arrival');
    }
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(code ?? signal);
      arrivals.emit('arrival');
    });
  });
  let isEnded = false;
  void ended.then(() => (isEnded = true));

  async function answer(fits: (answer: Answer) => boolean): Promise<Answer> {
    for (;;) {
      const found = answers.find(fits);
      if (found !== undefined) return found;
      assert.ok(!isEnded, `the engine ended without the answer; standard error: ${standardError}`);
      await Promise.race([once(arrivals, 'arrival'), ended]);
    }
  }

  return {
    child,
    answers,
    standardError: () => standardError,
    send: (bytes) => child.stdin.write(bytes),
    answer,
    request(id, method, params) {
      child.stdin.write(framed({ jsonrpc: '2.0', id, method, params }));
      return answer((candidate) => candidate.id === id);
    },
    ended,
  };
}

export function framed(message: unknown): string {
  const body = JSON.stringify(message);
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** certificate/list's parameters that make the fixture behave so. */
export function behave(behavior: string, progressToken = 1): Record<string, unknown> {
  return {
    progressToken,
    trace: 'None',
    readers: [behavior],
    thumbprints: null,
    roots: false,
    allSlots: false,
    pkcs11Module: null,
  };
}

function firstAnswer(bytes: Buffer): { answer: Answer; length: number } | null {
  const text = bytes.toString('latin1');
  const header = /^Content-Length: ([0-9]+)\r\n\r\n/.exec(text);
  if (header === null) {
    assert.ok('Content-Length: '.startsWith(text.slice(0, 16)), `not the protocol: ${text.slice(0, 100)}`);
    return null;
  }
  const length = header[0].length + Number(header[1]);
  if (text.length < length) return null;
  const body = text.slice(header[0].length, length);
  assert.match(body, /^[\x20-\x7e]*$/, 'the body is ASCII');
  return { answer: JSON.parse(body) as Answer, length };
}
