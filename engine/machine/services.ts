/** Services of Windows, through advapi32.dll (winsvc.h). */
import { loadSystemLibrary } from '../native/system-library.js';
import { connectRegistry } from '../policy/advapi32.js';
import type { ServiceFacts } from './facts.js';

const SC_MANAGER_CONNECT = 0x1;
const SERVICE_QUERY_STATUS = 0x4;
/** SERVICE_STATUS: seven numbers of 32 bits, the second of which is the state. */
const [statusBytes, stateOffset] = [28, 4];

export async function readService(name: string): Promise<ServiceFacts> {
  const ask = await connectRegistry();
  const { code, value } = ask(`SYSTEM\\CurrentControlSet\\Services\\${name}`, 'Start');
  return { start: code === 0 ? value : null, state: await stateOf(name) };
}

/** Null where the service control manager doesn't say it. */
async function stateOf(name: string): Promise<number | null> {
  const advapi32 = await loadSystemLibrary('advapi32.dll');
  const openManager: (machine: null, database: null, access: number) => number = advapi32.func(
    'intptr_t __stdcall OpenSCManagerW(void *machine, void *database, uint32_t access)',
  );
  const openService: (manager: number, name: string, access: number) => number = advapi32.func(
    'intptr_t __stdcall OpenServiceW(intptr_t manager, str16 name, uint32_t access)',
  );
  const queryStatus: (service: number, status: Buffer) => number = advapi32.func(
    'int32_t __stdcall QueryServiceStatus(intptr_t service, void *status)',
  );
  const close: (handle: number) => number = advapi32.func(
    'int32_t __stdcall CloseServiceHandle(intptr_t handle)',
  );

  const manager = openManager(null, null, SC_MANAGER_CONNECT);
  if (manager === 0) return null;
  const service = openService(manager, name, SERVICE_QUERY_STATUS);
  const status = Buffer.alloc(statusBytes);
  const isKnown = service !== 0 && queryStatus(service, status) !== 0;
  if (service !== 0) close(service);
  close(manager);
  return isKnown ? status.readUInt32LE(stateOffset) : null;
}
