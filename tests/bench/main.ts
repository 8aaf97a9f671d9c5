/** `npm run bench`: what fits in five minutes; `npm run bench -- card start`: the named parts. Exit code 1: a requirement is missed. */
import { cardPart } from './card.js';
import { cmdletPart } from './cmdlet.js';
import { isMet, requirementLine, type Part } from './measure.js';
import { profilesPart } from './profiles.js';
import { readersPart } from './readers.js';
import { soakPart } from './soak.js';
import { startPart } from './start.js';
import { watchPart } from './watch.js';
import { windowsPart } from './windows.js';

const parts: readonly Part[] = [
  cardPart,
  readersPart,
  startPart,
  cmdletPart,
  windowsPart,
  watchPart,
  profilesPart,
  soakPart,
];
/** How long the plain call may take. */
const plainSeconds = 300;
const usageExitCode = 64;

function partsWithin(seconds: number): readonly Part[] {
  let left = seconds;
  return parts.filter((part) => {
    if (part.seconds > left) return false;
    left -= part.seconds;
    return true;
  });
}

function chosenParts(names: readonly string[]): readonly Part[] {
  const unknown = names.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0) {
    console.error(
      `There is no part ${unknown.join(', ')}. Parts: ${parts.map(({ name }) => name).join(', ')}.`,
    );
    process.exit(usageExitCode);
  }
  return names.length === 0 ? partsWithin(plainSeconds) : parts.filter(({ name }) => names.includes(name));
}

/** @returns whether no requirement is missed */
async function runPart(part: Part): Promise<boolean> {
  console.log(`\n== ${part.name}: ${part.about}`);
  const result = await part.run();
  if ('skipped' in result) {
    console.log(`skipped: ${result.skipped}`);
    return true;
  }
  for (const requirement of result.requirements) console.log(requirementLine(requirement));
  return result.requirements.every(isMet);
}

const chosen = chosenParts(process.argv.slice(2));
const outcomes: boolean[] = [];
for (const part of chosen) outcomes.push(await runPart(part));

const leftOut = parts.filter((part) => !chosen.includes(part)).map(({ name }) => name);
console.log(
  `\nLeft out: ${leftOut.length === 0 ? 'nothing' : `${leftOut.join(', ')} (npm run bench -- ${leftOut.join(' ')})`}.`,
);
process.exitCode = outcomes.every(Boolean) ? 0 : 1;
