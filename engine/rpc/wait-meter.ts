/** Tells waiting from working. */

/** Nothing is said of less (ms). */
const shortest = 500;
/** A process that works for less of the time waits. On a machine with much to do every process waits a little. */
const busy = 0.2;
/** Between two looks at the processor's time, which takes a system call (ms). */
const interval = 100;

/**
 * From now on: whether nearly all of the time went by without work of this process: on waiting, for disks most of all.
 * @param clock milliseconds from any moment
 * @param worked milliseconds of processor time
 */
export function startWaitMeter(
  clock: () => number = () => performance.now(),
  worked: () => number = processorTime,
): () => boolean {
  const [start, before] = [clock(), worked()];
  let next = start + shortest;
  return () => {
    const now = clock();
    if (now < next) return false;
    next = now + interval;
    return worked() - before < (now - start) * busy;
  };
}

function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
