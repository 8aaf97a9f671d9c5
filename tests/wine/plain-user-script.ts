/**
 * Run by node.exe under Wine, whose user is always an administrator: runs node.exe again with these arguments, without the group
 * Administrators (CreateRestrictedToken, CreateProcessAsUserW), and ends with its exit code.
 */
import { loadKoffi } from '../../engine/native/koffi.js';
import { loadSystemLibrary } from '../../engine/native/system-library.js';

/** winnt.h: TOKEN_DUPLICATE, TOKEN_ASSIGN_PRIMARY and TOKEN_QUERY; WinBuiltinAdministratorsSid; the longest SID. */
const tokenAccess = 0x1 | 0x2 | 0x8;
const administrators = 26;
const longestSid = 68;
const thisProcess = -1;
/** processthreadsapi.h, on 64-bit Windows: STARTUPINFOW, which starts with its size, and PROCESS_INFORMATION, with the process. */
const startupBytes = 104;
const processBytes = 24;
const longestMs = 55_000;

async function main(): Promise<void> {
  const koffi = await loadKoffi();
  const advapi32 = await loadSystemLibrary('advapi32.dll');
  const kernel32 = await loadSystemLibrary('kernel32.dll');
  const call = (library: typeof kernel32, prototype: string, ...values: unknown[]): void => {
    const native: (...given: unknown[]) => number = library.func(prototype);
    if (native(...values) === 0) throw new Error(`Wine refused ${prototype}`);
  };
  const sid = Buffer.alloc(longestSid);
  call(
    advapi32,
    'int __stdcall CreateWellKnownSid(int kind, void *domain, void *sid, _Inout_ uint32_t *size)',
    ...[administrators, null, sid, [sid.length]],
  );
  const own: unknown[] = [0];
  call(
    advapi32,
    'int __stdcall OpenProcessToken(intptr_t process, uint32_t access, _Out_ intptr_t *token)',
    ...[thisProcess, tokenAccess, own],
  );
  koffi.struct('SID_AND_ATTRIBUTES', { Sid: 'void *', Attributes: 'uint32_t' });
  const restricted: unknown[] = [0];
  call(
    advapi32,
    'int __stdcall CreateRestrictedToken(intptr_t token, uint32_t flags, uint32_t count, SID_AND_ATTRIBUTES *without, uint32_t privileges, void *a, uint32_t restricting, void *b, _Out_ intptr_t *made)',
    ...[own[0], 0, 1, { Sid: sid, Attributes: 0 }, 0, null, 0, null, restricted],
  );
  const line = [process.execPath, ...process.argv.slice(2)].map((argument) => `"${argument}"`).join(' ');
  const startup = Buffer.alloc(startupBytes);
  startup.writeUInt32LE(startupBytes);
  const started = Buffer.alloc(processBytes);
  call(
    advapi32,
    'int __stdcall CreateProcessAsUserW(intptr_t token, str16 program, void *line, void *a, void *b, int inherit, uint32_t flags, void *environment, void *folder, void *startup, void *started)',
    ...[restricted[0], process.execPath, Buffer.from(`${line}\0`, 'utf16le'), null, null, 0, 0, null, null],
    ...[startup, started],
  );
  const handle = started.readBigInt64LE();
  const wait: (process: bigint, ms: number) => number = kernel32.func(
    'uint32_t __stdcall WaitForSingleObject(intptr_t process, uint32_t ms)',
  );
  if (wait(handle, longestMs) !== 0) throw new Error('It did not end');
  const code: [number] = [1];
  call(
    kernel32,
    'int __stdcall GetExitCodeProcess(intptr_t process, _Out_ uint32_t *code)',
    ...[handle, code],
  );
  process.exitCode = code[0];
}

void main();
