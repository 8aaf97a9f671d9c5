/** What one check found. */
export interface CheckResult {
  readonly name: string;
  /** Each as `file:line: what is wrong`; none when the check passed. */
  readonly problems: readonly string[];
  /** Set when the check did not run: what to install. */
  readonly skipped?: string;
}

export type Check = () => Promise<CheckResult>;
