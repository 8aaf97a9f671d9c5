import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unverified } from '../../build/check/powershell51.js';
import { powerShellParser } from '../../build/powershell/tree.js';
import { dotNetNames } from '../../build/powershell51/names.js';
import { traps } from '../../build/powershell51/traps.js';

const parse = await powerShellParser();

function names(script: string): string[] {
  return [...new Set(dotNetNames(parse(`${script}\n`)).map(({ name }) => name))].sort();
}

function trapMessages(script: string): string[] {
  return traps(parse(`${script}\n`)).map(({ line, message }) => `${line}: ${message}`);
}

const used = [
  ['a cast', '[int] $a', ['[System.Int32]']],
  ['an accelerator in an array', '$a -is [hashtable[]]', ['[System.Collections.Hashtable[]]']],
  ['a static method', '[IO.Path]::Combine($a, $b)', ['[IO.Path]', '[IO.Path]::Combine(2)']],
  [
    'a static property and what follows',
    '[Text.Encoding]::ASCII.GetBytes($a)',
    ['[Text.Encoding]', '[Text.Encoding]::ASCII.GetBytes(1)'],
  ],
  ['a constructor', '[Guid]::new()', ['[System.Guid]', '[System.Guid]::new(0)']],
  ['New-Object', 'New-Object -TypeName System.IO.MemoryStream', ['[System.IO.MemoryStream]']],
  ['a caught exception', 'try { a } catch [IO.IOException] { b }', ['[IO.IOException]']],
  [
    'a generic type',
    '[Collections.Generic.List[string]]::new()',
    ['[Collections.Generic.List[System.String]]', '[Collections.Generic.List[System.String]]::new(0)'],
  ],
  [
    'the properties of a new object',
    '[Diagnostics.ProcessStartInfo] @{ FileName = $a }',
    ['[Diagnostics.ProcessStartInfo]', '[Diagnostics.ProcessStartInfo].FileName'],
  ],
  [
    'a member of the type object',
    '[psobject].Assembly',
    ['[System.Management.Automation.PSObject]', '[System.Type].Assembly'],
  ],
  [
    'a member of a typed parameter',
    'function f([IO.Stream] $s) { $s.Flush() }',
    ['[IO.Stream]', '[IO.Stream].Flush(0)'],
  ],
  [
    'a member of a new object',
    '$p = New-Object Diagnostics.Process; $p.StandardInput.Close()',
    ['[Diagnostics.Process]', '[Diagnostics.Process].StandardInput.Close(0)'],
  ],
  ['a method of an object of unknown type', '$a.Kill($true)', ['*.Kill(1)']],
  [
    'an attribute',
    'param([Parameter(Mandatory = $true)] $a)\n\n1',
    [
      '[System.Management.Automation.ParameterAttribute]',
      '[System.Management.Automation.ParameterAttribute].Mandatory',
    ],
  ],
] as const;
for (const [what, script, expected] of used) {
  test(`the names in ${what} are found`, () => {
    assert.deepEqual(names(script), expected);
  });
}

test('a variable of two types has none', () => {
  assert.ok(names('$a = [Guid]::new(); $a = New-Object IO.MemoryStream; $a.Close()').includes('*.Close(0)'));
});

test('a variable of another function is another variable', () => {
  assert.ok(names('function f([IO.Stream] $s) { 1 }\nfunction g($s) { $s.Flush() }').includes('*.Flush(0)'));
});

test('a class of the script is not looked up', () => {
  assert.deepEqual(names('class Own { [int] $A }\n[Own]::new()'), ['[System.Int32]']);
});

test('a name that is not verified is reported with each place', () => {
  const uses = new Map([
    ['[System.Convert]::ToHexString(1)', ['a.ps1:3:1', 'b.ps1:9:5']],
    ['[System.Guid]', ['a.ps1:4:1']],
  ]);
  const [problem, ...others] = unverified(uses, ['[System.Guid]']);
  assert.match(
    problem ?? '',
    /^a\.ps1:3:1, b\.ps1:9:5: \[System\.Convert\]::ToHexString\(1\) is not verified/u,
  );
  assert.deepEqual(others, []);
});

const refused = [
  'a && b',
  'a || b',
  'a |\n  b\nc\n  | d',
  '1..3 | ForEach-Object -Parallel { $_ }',
  '$a | ConvertFrom-Json -AsHashtable',
  'ConvertFrom-Json -InputObject $a -Dep 3',
  'ConvertTo-Json -InputObject $a -AsArray',
  'Get-Content -LiteralPath a -AsByteStream',
  'Join-Path a b -AdditionalChildPath c',
  'Set-Content -LiteralPath a -Encoding utf8NoBOM',
  'Test-Json $a',
  'if ($IsWindows) { 1 }',
  '"`e[0m"',
  'using namespace System.IO',
];
for (const script of refused) {
  test(`5.1 has no ${script.replaceAll('\n', ' ')}`, () => {
    assert.equal(trapMessages(script).length, 1);
  });
}

const accepted = [
  'ConvertTo-Json -InputObject $a -Depth 10 -Compress',
  'a |\n  b',
  'a\nif ($a) { b }',
  "if ($PSVersionTable.PSEdition -eq 'Desktop' -or $IsWindows) { 1 }",
  '"``e and `n"',
  'Set-Content -LiteralPath a -Encoding UTF8',
];
for (const script of accepted) {
  test(`5.1 takes ${script.replaceAll('\n', ' ')}`, () => {
    assert.deepEqual(trapMessages(script), []);
  });
}
