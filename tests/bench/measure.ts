/** Measuring side by side, and showing what was measured. */

/** One of several ways to do a thing, with what each run of it measured. */
export interface Contender<T> {
  readonly name: string;
  readonly run: () => Promise<T>;
  readonly samples: T[];
}

/** What has to hold: `measured` at most `limit`. */
export interface Requirement {
  readonly what: string;
  readonly measured: number;
  readonly limit: number;
}

export type PartResult = { readonly requirements: readonly Requirement[] } | { readonly skipped: string };

export interface Part {
  readonly name: string;
  readonly about: string;
  /** How long it takes on a machine with two cores. */
  readonly seconds: number;
  /** Prints what it measures. */
  run(): Promise<PartResult>;
}

export function contender<T>(name: string, run: () => Promise<T>): Contender<T> {
  return { name, run, samples: [] };
}

/** Runs all in turn, so that whatever else the machine does meets each of them. A first round is not counted: it fills the disk's cache. */
export async function interleave<T>(contenders: readonly Contender<T>[], rounds: number): Promise<void> {
  for (let round = 0; round <= rounds; round += 1) {
    for (const { run, samples } of contenders) {
      const sample = await run();
      if (round > 0) samples.push(sample);
    }
  }
}

/** How long the work takes (ms). */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The upper one of two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that this part (from 0, below 1) of them is not above, the upper one of two; NaN of nothing. */
export function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? NaN;
}

export function range(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)}`;
}

/** Lines of columns: the first to the left, all others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}

export function isMet({ measured, limit }: Requirement): boolean {
  return measured <= limit;
}

export function requirementLine(requirement: Requirement): string {
  const { what, measured, limit } = requirement;
  return `${isMet(requirement) ? 'met   ' : 'MISSED'}  ${what}: ${measured.toFixed(2)} (needed: at most ${limit})`;
}
