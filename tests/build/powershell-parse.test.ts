import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grammarProblems } from '../../build/check/powershell-parse.js';
import { powerShellParser } from '../../build/powershell/tree.js';

const parse = await powerShellParser();

function problems(script: string): string[] {
  return grammarProblems('file.ps1', parse(`${script}\n`));
}

test('a function with parameters and blocks parses', () => {
  const script = `function Get-Thing {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([Parameter(Mandatory = $true)] [string[]] $Name)

    process { foreach ($one in $Name) { @{ Name = $one; Text = "$($one.Length)" } } }
}`;
  assert.deepEqual(problems(script), []);
});

test('a syntax error is named with file, line and column', () => {
  const [problem] = problems('$a = 1\n$b = (2');
  assert.match(problem ?? '', /^file\.ps1:2:\d+: /u);
});

const newer = {
  'the ternary operator': '$a = $b ? 1 : 2',
  '??': '$a = $b ?? 1',
  '??=': '$a ??= 1',
  '?.': '${a}?.b',
};
for (const [name, script] of Object.entries(newer)) {
  test(`${name} of PowerShell 7 is refused`, () => {
    assert.notDeepEqual(problems(script), []);
  });
}
