/** TCP_QUICKACK on Linux: without it, a peer that sends a message in two parts waits some 40 ms for each delayed acknowledgement. */
import type { Socket } from 'node:net';

/** linux/in.h and linux/tcp.h. */
const ipprotoTcp = 6;
const tcpQuickAck = 12;

/** A function to call after each read (the kernel forgets the option); it does nothing where the option doesn't exist. */
export async function quickAcknowledgement(socket: Socket): Promise<() => void> {
  const descriptor = descriptorOf(socket);
  if (process.platform !== 'linux' || descriptor === null) return () => undefined;
  const { default: koffi } = await import('koffi');
  const setsockopt = koffi.load(null).func('int setsockopt(int, int, int, const int *, unsigned int)');
  return () => {
    setsockopt(descriptor, ipprotoTcp, tcpQuickAck, [1], 4);
  };
}

/** Node has no public way to a socket's descriptor. */
function descriptorOf(socket: Socket): number | null {
  const handle: unknown = Reflect.get(socket, '_handle');
  const descriptor: unknown = typeof handle === 'object' && handle ? Reflect.get(handle, 'fd') : null;
  return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : null;
}
