/** Whether this process runs in a Remote Desktop session (Microsoft, "Detecting the Remote Desktop Services environment"). */
import { loadSystemLibrary } from '../native/system-library.js';
import { connectRegistry } from './advapi32.js';

/** What Windows says of a session. */
export interface SessionFacts {
  /** GetSystemMetrics(SM_REMOTESESSION): not 0 in a remote session, but for those that use RemoteFX vGPU. */
  readonly metric: number;
  /** The number of the process's session; null if Windows doesn't say it. */
  readonly session: number | null;
  /** The number of the local session (GlassSessionId); null if Windows doesn't say it. */
  readonly glass: number | null;
}

/** winuser.h. */
const SM_REMOTESESSION = 0x1000;
/** That of services and of tasks that run as SYSTEM: nobody sits at it, near or far. */
const servicesSession = 0;
const terminalServer = 'SYSTEM\\CurrentControlSet\\Control\\Terminal Server';

/**
 * What can't be asked counts as not remote: what is forbidden in remote sessions must not be taken from a person at the machine itself.
 * There are no remote sessions on other systems.
 */
export async function isRemoteSession(): Promise<boolean> {
  return process.platform === 'win32' && remoteBy(await askSession());
}

export function remoteBy({ metric, session, glass }: SessionFacts): boolean {
  if (session === servicesSession) return false;
  if (metric !== 0) return true;
  return session !== null && glass !== null && session !== glass;
}

/** Whether this is the session of services: its readers are those of the machine itself, of no user. */
export async function isServicesSession(): Promise<boolean> {
  return process.platform === 'win32' && (await askSession()).session === servicesSession;
}

async function askSession(): Promise<SessionFacts> {
  const user32 = await loadSystemLibrary('user32.dll');
  const kernel32 = await loadSystemLibrary('kernel32.dll');
  const askRegistry = await connectRegistry();
  const getSystemMetrics: (index: number) => number = user32.func(
    'int32_t __stdcall GetSystemMetrics(int32_t index)',
  );
  const processIdToSessionId: (processId: number, session: [number]) => number = kernel32.func(
    'int32_t __stdcall ProcessIdToSessionId(uint32_t processId, _Out_ uint32_t *session)',
  );
  const session: [number] = [0];
  const isKnown = processIdToSessionId(process.pid, session) !== 0;
  const { code, value } = askRegistry(terminalServer, 'GlassSessionId');
  return {
    metric: getSystemMetrics(SM_REMOTESESSION),
    session: isKnown ? session[0] : null,
    glass: code === 0 ? value : null,
  };
}
