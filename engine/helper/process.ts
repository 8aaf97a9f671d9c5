/** The helper process as the engine sees it: lines that it says, and its end. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { hexCode } from '../text.js';

export interface HelperProcess {
  /**
   * What it says, line by line, until its end.
   * @param mostBytes more than that altogether is a RangeError
   */
  lines(mostBytes: number): AsyncGenerator<string, void, void>;
  /** Resolves when it has ended, with how: `was ended by SIGSEGV`. */
  readonly ended: Promise<string>;
  /** Ends it and its children at once. */
  readonly kill: () => void;
}

/** Descriptor 3: foreign code prints to the usual ones, which lead nowhere. */
const pipeDescriptor = 3;

/** Milliseconds for which a child that left the helper's process group can keep the pipe open after the helper's end. */
const pipeGrace = 500;

/**
 * What the helper gets of this process's environment, as the engine itself got it from the PowerShell module: nothing that would run
 * code in it. PATH is where vendors' libraries find others, HOME where they find their settings.
 */
const keptVariables: readonly string[] = [
  ...['SystemRoot', 'SystemDrive', 'TEMP', 'TMP', 'APPDATA', 'LOCALAPPDATA', 'USERPROFILE', 'ProgramData'],
  ...['SESSIONNAME', 'PATH', 'HOME', 'TMPDIR', 'PCSCLITE_CSOCK_NAME'],
];

/** @param script the helper's entry file; @param task its name and values */
export function startHelper(script: string, task: readonly string[]): HelperProcess {
  // Loaded when it is needed: it would cost the engine's start some milliseconds.
  const child = process.getBuiltinModule('node:child_process').spawn(process.execPath, [script, ...task], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: Object.fromEntries(keptVariables.map((name) => [name, process.env[name]])),
    // Not a folder where a library could be planted.
    cwd: dirname(process.execPath),
    // Elsewhere than on Windows: a process group of its own, without a terminal to ask on.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const pipe = child.stdio[pipeDescriptor];
  if (!(pipe instanceof Readable)) throw new TypeError('The helper process has no pipe');
  let isRunning = true;
  const kill = () => {
    if (isRunning) killGroup(child);
  };
  const ended = exitOf(child).then((how) => {
    kill();
    isRunning = false;
    setTimeout(() => pipe.destroy(), pipeGrace).unref();
    return how;
  });
  return { lines: (mostBytes) => linesOf(pipe, mostBytes), ended, kill };
}

async function exitOf(child: ChildProcess): Promise<string> {
  try {
    await once(child, 'exit');
  } catch (error) {
    return `was not started (${error instanceof Error ? error.message : String(error)})`;
  }
  const { exitCode, signalCode } = child;
  if (exitCode === null) return `was ended by ${String(signalCode)}`;
  // On Windows a crash's code is an NTSTATUS: 0xC0000005.
  return `ended with exit code ${exitCode > 0xff ? hexCode(exitCode, 8) : exitCode}`;
}

/** Also after the process's own end: its children outlive it. On Windows the job object ends them (job-windows.ts). */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // All of them have ended.
  }
}

async function* linesOf(pipe: Readable, mostBytes: number): AsyncGenerator<string, void, void> {
  let line: string[] = [];
  let left = mostBytes;
  for await (const chunk of textOf(pipe)) {
    left -= chunk.length;
    if (left < 0) throw new RangeError(`more than ${mostBytes} bytes`);
    const [end = '', ...next] = chunk.split('\n');
    line.push(end);
    for (const start of next) {
      yield line.join('');
      line = [start];
    }
  }
}

/** Ends with the pipe, however that ends: the process's end tells why. */
async function* textOf(pipe: Readable): AsyncGenerator<string, void, void> {
  const chunks: AsyncIterable<unknown> = pipe.setEncoding('utf8');
  try {
    for await (const chunk of chunks) yield String(chunk);
  } catch {
    // Destroyed, or reset by the other side's end.
  }
}
