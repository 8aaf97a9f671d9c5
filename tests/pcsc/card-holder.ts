/**
 * Another program that uses a card: `node card-holder.js <reader name>` begins a transaction and says `held`.
 * A line on its standard input ends the transaction, `0` leaving the card as it is and `1` resetting it; then it says `ended`.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { leaveCard, loadWinscard, resetCard } from '../../engine/pcsc/winscard.js';

const [readerName = ''] = process.argv.slice(2);
const winscard = await loadWinscard();
const { context } = await winscard.establishContext();
const { card } = await winscard.connect(context, readerName);
expectSuccess(await winscard.beginTransaction(card));
console.log('held');
const [line] = (await once(createInterface({ input: process.stdin }), 'line')) as unknown[];
expectSuccess(await winscard.endTransaction(card, line === '1' ? resetCard : leaveCard));
console.log('ended');
await winscard.disconnect(card, leaveCard);
await winscard.releaseContext(context);
process.stdin.destroy();

function expectSuccess(code: number): void {
  if (code !== 0) throw new Error(`PC/SC failed with 0x${code.toString(16)}`);
}
