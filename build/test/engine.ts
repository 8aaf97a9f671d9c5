/** Runs compiled test files with Node's own runner, each in a process of its own. */
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { inspect } from 'node:util';
import { sourceFiles } from '../files.js';
import { root } from '../root.js';
import type { TestReport } from './tally.js';

/** A file that hangs must not take the whole run with it. */
const fileLimit = 10 * 60_000;

/**
 * The tests' sources (a compiled file whose source is gone does not count). Those in tests/real share one pcscd, but for those of Windows (wine-pcsc compares both):
 * each has a Wine of its own.
 */
export function engineTests(): { parallel: string[]; real: string[]; windows: string[] } {
  const all = sourceFiles('tests', /\.test\.ts$/u);
  const inReal = all.filter((path) => path.startsWith('tests/real/'));
  const isOfWindows = (path: string): boolean =>
    /^tests\/real\/(?:wine(?!-pcsc)|windows|winscard)/u.test(path);
  return {
    parallel: all.filter((path) => !inReal.includes(path)),
    real: inReal.filter((path) => !isOfWindows(path)),
    windows: inReal.filter(isOfWindows),
  };
}

function compiled(source: string): string {
  return join(root, 'out', source.replace(/\.ts$/u, '.js'));
}

interface TestEvent {
  readonly name: string;
  readonly file?: string;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly details: { readonly type?: string; readonly error?: Error };
}

type Finding = Pick<TestReport, 'outcome' | 'detail'>;

/** What a passing event says; null for a suite, whose tests count for themselves. */
function passed(event: TestEvent, isWholeFile: boolean): Finding | null {
  if (event.skip !== undefined && event.skip !== false) {
    return { outcome: 'skipped', detail: typeof event.skip === 'string' ? event.skip : 'no reason given' };
  }
  if (isWholeFile) {
    return { outcome: 'failed', detail: 'this file holds no test' };
  }
  return event.details.type === 'suite' ? null : { outcome: 'passed', detail: '' };
}

/** The lines of a stack trace that lie in Node itself. */
const nodesOwnLines = /\n +at [^\n]*\bnode:internal\/[^\n]*/gu;

/** What a failing event says; null if it only repeats that tests below it failed, or is not expected to pass yet. */
function failed({ todo, details: { error } }: TestEvent): Finding | null {
  const repeats = error !== undefined && 'failureType' in error && error.failureType === 'subtestsFailed';
  if (repeats || todo !== undefined) {
    return null;
  }
  const cause = error?.cause ?? error;
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause);
  return { outcome: 'failed', detail: text.replace(nodesOwnLines, '') };
}

/** The longest end of what a file printed that is worth reading beside its failures. */
const outputLimit = 4000;

/** A failing file's reports, the last failure with what the file printed. */
function withOutput(reports: readonly TestReport[], output: string): TestReport[] {
  const last = reports.findLastIndex(({ outcome }) => outcome === 'failed');
  const shown = output.trim().slice(-outputLimit);
  return reports.map((report, index) =>
    index === last && shown !== ''
      ? { ...report, detail: `${report.detail}\nIt printed:\n${shown}` }
      : report,
  );
}

/** Runs test files, at most `concurrency` at a time; calls `onFile` with the reports of each that is done. */
export async function runEngineTests(
  sources: readonly string[],
  concurrency: number,
  onFile: (source: string, reports: readonly TestReport[]) => void,
): Promise<TestReport[]> {
  if (sources.length === 0) {
    return [];
  }
  // With source maps the runner names the source of a test, but the compiled file of a whole file.
  const sourceOf = new Map(
    sources.flatMap((source) => [
      [compiled(source), source],
      [join(root, source), source],
    ]),
  );
  const found = new Map<string, TestReport[]>();
  const output = new Map<string, string>();
  const done: TestReport[] = [];
  let current: string | null = null;

  // The runner reports one file after the other, even where they run side by side.
  const turnTo = (next: string | null): void => {
    if (current !== null && current !== next) {
      const reports = withOutput(found.get(current) ?? [], output.get(current) ?? '');
      onFile(current, reports);
      done.push(...reports);
      found.delete(current);
    }
    current = next;
  };
  const add = (event: TestEvent, finding: Finding | null): void => {
    const group = sourceOf.get(event.file ?? event.name) ?? 'tests';
    turnTo(group);
    if (finding !== null) {
      const name = sourceOf.has(event.name) ? 'the file itself' : event.name;
      found.set(group, [...(found.get(group) ?? []), { group, name, ...finding }]);
    }
  };
  const keep = ({ file = '', message }: { file?: string | undefined; message: string }): void => {
    const group = sourceOf.get(file) ?? 'tests';
    output.set(group, (output.get(group) ?? '') + message);
  };

  const stream = run({ files: sources.map(compiled), concurrency, timeout: fileLimit });
  stream.on('test:pass', (event: TestEvent) => {
    add(event, passed(event, sourceOf.has(event.name)));
  });
  stream.on('test:fail', (event: TestEvent) => {
    add(event, failed(event));
  });
  stream.on('test:stdout', keep);
  stream.on('test:stderr', keep);
  await finished(stream.resume());
  turnTo(null);
  return done;
}
