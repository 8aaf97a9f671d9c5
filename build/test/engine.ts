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

/** The tests' sources (a compiled file whose source is gone does not count); those in tests/real share one pcscd. */
export function engineTests(): { parallel: string[]; serial: string[] } {
  const all = sourceFiles('tests', /\.test\.ts$/u);
  return {
    parallel: all.filter((path) => !path.startsWith('tests/real/')),
    serial: all.filter((path) => path.startsWith('tests/real/')),
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

/** What a failing event says; null if it only repeats that tests below it failed, or is not expected to pass yet. */
function failed({ todo, details: { error } }: TestEvent): Finding | null {
  const repeats = error !== undefined && 'failureType' in error && error.failureType === 'subtestsFailed';
  if (repeats || todo !== undefined) {
    return null;
  }
  const cause = error?.cause ?? error;
  return {
    outcome: 'failed',
    detail: cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause),
  };
}

/** Runs test files, at most `concurrency` at a time; calls `onFile` with the reports of each that is done. */
export async function runEngineTests(
  sources: readonly string[],
  concurrency: number,
  onFile: (source: string, reports: readonly TestReport[]) => void,
): Promise<TestReport[]> {
  const sourceOf = new Map(sources.map((source) => [compiled(source), source]));
  const reports: TestReport[] = [];
  const printed = new Map<string, string>();
  let current: string | null = null;

  const closeFile = (): void => {
    if (current !== null) {
      const source = current;
      onFile(
        source,
        reports.filter((report) => report.group === source),
      );
    }
  };
  const add = (event: TestEvent, finding: Finding | null): void => {
    const group = sourceOf.get(event.file ?? event.name) ?? 'tests';
    if (group !== current) {
      closeFile();
      current = group;
    }
    if (finding !== null) {
      const output = finding.outcome === 'failed' ? (printed.get(group) ?? '') : '';
      printed.delete(group);
      const name = sourceOf.has(event.name) ? 'the file itself' : event.name;
      reports.push({ group, name, outcome: finding.outcome, detail: `${output}${finding.detail}` });
    }
  };
  const keep = ({ file, message }: { file?: string | undefined; message: string }): void => {
    const group = sourceOf.get(file ?? '') ?? 'tests';
    printed.set(group, (printed.get(group) ?? '') + message);
  };

  if (sources.length > 0) {
    const stream = run({ files: [...sourceOf.keys()], concurrency, timeout: fileLimit });
    stream.on('test:pass', (event: TestEvent) => {
      add(event, passed(event, sourceOf.has(event.name)));
    });
    stream.on('test:fail', (event: TestEvent) => {
      add(event, failed(event));
    });
    stream.on('test:stdout', keep);
    stream.on('test:stderr', keep);
    await finished(stream.resume());
    closeFile();
  }
  return reports;
}
