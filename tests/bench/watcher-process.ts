/** Waits in SCardGetStatusChange for each reader named, and says on standard output when it waits, and when it was woken. */
import { loadWinscard, readerState } from '../../engine/pcsc/winscard.js';

const winscard = await loadWinscard();
/** INFINITE. */
const forever = 0xffff_ffff;

async function watch(readerName: string): Promise<void> {
  const { context } = await winscard.establishContext();
  let { code, state } = await winscard.getStatusChange(context, readerName, readerState.unaware, 0);
  console.log(`waiting ${readerName}`);
  while (code === 0) {
    ({ code, state } = await winscard.getStatusChange(
      context,
      readerName,
      state & ~readerState.changed,
      forever,
    ));
    console.log(`changed ${readerName}`);
  }
  throw new Error(`Waiting for ${readerName} ended with ${code.toString(16)}.`);
}

// Calls that wait would keep the process: it ends at once.
process.stdin.resume().on('end', () => process.kill(process.pid, 'SIGKILL'));
await Promise.all(process.argv.slice(2).map(watch));
