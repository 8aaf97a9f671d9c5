/** docs/propagation.md names tests that exist. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';

const rows = readFileSync('docs/propagation.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| "'));

interface Cited {
  readonly file: string;
  readonly titles: readonly string[];
}

/** Of a row's last column: files in backquotes, each with the titles in straight quotes that follow it. */
function cited(row: string): Cited[] {
  const shown = row.split(' | ').at(-1) ?? '';
  return shown.split(/(?=`tests\/)/u).flatMap((part) => {
    const file = /^`(?<path>tests\/[^`]+)`/u.exec(part)?.groups?.path;
    if (file === undefined) return [];
    return [{ file, titles: [...part.matchAll(/"(?<title>[^"]+)"/gu)].map(([, title = '']) => title) }];
  });
}

suite('The table of what the service documents', () => {
  test('has a row for each sentence about what the service does', () => {
    assert.ok(rows.length >= 20);
  });

  for (const { file, titles } of rows.flatMap(cited)) {
    test(`${file} has ${titles.length === 0 ? 'its tests' : titles.join('; ')}`, () => {
      assert.ok(existsSync(file), `${file} is missing`);
      const text = readFileSync(file, 'utf8');
      for (const title of titles)
        assert.ok(text.includes(title) || text.includes(title.replaceAll("'", "\\'")), title);
    });
  }
});
