/** The module's and the examples' files as Windows PowerShell 5.1 reads them: without a byte order mark it takes them for ANSI. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseXml } from '@rgrove/parse-xml';
import { deliveredFiles } from '../files.js';
import { root } from '../root.js';
import type { CheckResult } from './result.js';

/** Problems of one text file: bytes outside ASCII, tabs, and line ends other than LF or other than CRLF throughout. */
export function textProblems(file: string, text: string): string[] {
  const problems: string[] = [];
  const lines = text.split('\n');
  lines.forEach((line, index) => {
    const foreign = /[^\x20-\x7e\r]/u.exec(line);
    if (foreign !== null) {
      const code = foreign[0].codePointAt(0) ?? 0;
      problems.push(
        `${file}:${index + 1}:${foreign.index + 1}: character U+${code.toString(16).toUpperCase().padStart(4, '0')} is not printable ASCII`,
      );
    }
  });
  const ends = lines
    .slice(0, -1)
    .map((line) => (line.match(/\r/gu) ?? []).length === 1 && line.endsWith('\r'));
  const stray = lines.findIndex((line) => /\r(?!$)/u.test(line));
  if (stray >= 0 || new Set(ends).size > 1) {
    problems.push(
      `${file}:${Math.max(stray, ends.indexOf(!ends[0])) + 1}: line ends are mixed: use LF, or CRLF, throughout`,
    );
  }
  if (text !== '' && !text.endsWith('\n')) {
    problems.push(`${file}:${lines.length}: the last line has no line end`);
  }
  return problems;
}

/** Where an XML file is not well-formed. */
export function xmlProblems(file: string, text: string): string[] {
  try {
    parseXml(text);
    return [];
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    return [`${file}: ${reason ?? 'not well-formed'}`];
  }
}

export function moduleText(): Promise<CheckResult> {
  const problems = deliveredFiles(/\.(psm1|psd1|ps1|ps1xml|txt|md)$/u).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [...textProblems(file, text), ...(file.endsWith('.ps1xml') ? xmlProblems(file, text) : [])];
  });
  return Promise.resolve({ name: 'delivered files (ASCII, line ends, XML)', problems });
}
