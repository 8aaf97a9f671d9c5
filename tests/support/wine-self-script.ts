/** Run by node.exe under Wine: says what it sees, and asks Windows through koffi. */
import { loadKoffi } from '../../engine/native/koffi.js';

async function main(): Promise<void> {
  const koffi = await loadKoffi();
  const kernel32 = koffi.load('C:\\windows\\system32\\kernel32.dll');
  const processId: unknown = kernel32.func('__stdcall', 'GetCurrentProcessId', 'uint', [])();
  const { platform, arch, versions, pid, argv, env } = process;
  const seen = {
    platform,
    arch,
    node: versions.node,
    same: processId === pid,
    args: argv.slice(2),
    given: env.GIVEN,
  };
  console.log(JSON.stringify(seen));
  process.exitCode = 7;
}

void main();
