/** Cards of other makers, as they were recorded: they expect the same commands and give the same answers. */
import { readFileSync } from 'node:fs';
import { scriptedCard, type TestCard } from './scripted-card.js';

interface Exchange {
  /** In hex. */
  readonly command: string;
  readonly response: string;
}

/** @param name a file in tests/fixtures/cards, without `.jsonl` */
export function recordedCard(name: string): TestCard & { readonly length: number } {
  const lines = readFileSync(`tests/fixtures/cards/${name}.jsonl`, 'utf8').trim().split('\n');
  const exchanges = lines.map((line) => JSON.parse(line) as Exchange);
  const card = scriptedCard(exchanges.map(({ command, response }) => [command, response] as const));
  return { ...card, length: exchanges.length };
}
