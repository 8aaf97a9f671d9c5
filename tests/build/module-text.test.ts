import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textProblems, xmlProblems } from '../../build/check/module-text.js';

test('plain ASCII with LF or with CRLF throughout is clean', () => {
  assert.deepEqual(textProblems('a.ps1', '$a = 1\n$b = 2\n'), []);
  assert.deepEqual(textProblems('a.ps1', '$a = 1\r\n$b = 2\r\n'), []);
});

const unclean = [
  ['a character outside ASCII', "$a = 'é'\n", /^a\.ps1:1:7: character U\+00E9/u],
  ['a byte order mark', '\uFEFF$a\n', /^a\.ps1:1:1: character U\+FEFF/u],
  ['a tab', '$a\n\t$b\n', /^a\.ps1:2:1: character U\+0009/u],
  ['mixed line ends', '$a\n$b\r\n', /^a\.ps1:2: line ends are mixed/u],
  ['a carriage return within a line', '$a\r$b\n', /^a\.ps1:1: line ends are mixed/u],
  ['a last line without its end', '$a\n$b', /^a\.ps1:2: the last line/u],
] as const;
for (const [what, text, expected] of unclean) {
  test(`${what} is reported with its place`, () => {
    const problems = textProblems('a.ps1', text);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', expected);
  });
}

test('XML that is not well-formed is reported', () => {
  assert.deepEqual(xmlProblems('a.ps1xml', '<Configuration><A b="1"/></Configuration>'), []);
  assert.match(xmlProblems('a.ps1xml', '<Configuration><A></Configuration>')[0] ?? '', /^a\.ps1xml: .*tag/iu);
});
