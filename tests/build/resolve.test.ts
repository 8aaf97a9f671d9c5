import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveNames } from '../../build/powershell51/resolve.js';
import { findProgram } from '../../build/run.js';
import { requirePart } from '../support/require.js';

const skip = requirePart('dotnet', findProgram('dotnet') !== null, 'the .NET SDK 10 (dotnet on PATH)');

test(
  'what .NET Framework 4.7.2 and PowerShell 5.1 lack is refused, and what they have is not',
  { skip },
  async (t) => {
    const lacking = [
      '*.Kill(1)',
      '[System.Convert]::ToHexString(1)',
      '[System.Diagnostics.Process].Kill(1)',
      '[System.Diagnostics.Process].StandardInput.BaseStream.ReadExactly(1)',
      '[System.Diagnostics.ProcessStartInfo].ArgumentList.Add(1)',
      '[System.Management.Automation.ValidatePatternAttribute].ErrorMessage',
      '[System.Text.Json.JsonSerializer]',
    ];
    const present = [
      '*.Kill(0)',
      '[Collections.Generic.Dictionary[System.String,object]]::new(0)',
      '[IO.Path]::Combine(5)',
      '[System.Byte[]]::new(1)',
      '[System.Diagnostics.Process].StandardInput.BaseStream.WriteAsync(3).Wait(1)',
      '[System.Management.Automation.PSCmdlet].ShouldProcess(2)',
      '[System.Text.Encoding]::UTF8.GetBytes(1)',
      '[System.Management.Automation.Parameter].Mandatory',
    ];
    const resolution = await resolveNames([...lacking, ...present]);
    if (resolution.kind === 'unavailable') {
      t.skip(`install ${resolution.reason}`);
      return;
    }
    assert.deepEqual(Object.keys(resolution.missing).sort(), lacking.sort());
  },
);
