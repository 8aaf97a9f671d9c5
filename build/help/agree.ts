/** A page says of its cmdlet what the script says. */
import type { CmdletFacts } from './facts.js';
import { PageError } from './markdown.js';
import type { HelpPage, Text } from './page.js';
import { factsText, syntaxText } from './syntax.js';

/** Throws a PageError that shows what has to stand in the page. */
export function assertAgreement(page: HelpPage, facts: CmdletFacts): void {
  const { file } = page;
  assertSame(file, { line: 1, text: page.name }, facts.name, 'title');
  assertSame(file, page.syntax, syntaxText(facts), 'syntax');
  assertSame(file, names(page.parameters), facts.parameters.map(({ name }) => name).join(', '), 'parameters');
  for (const [index, parameter] of facts.parameters.entries()) {
    const said = page.parameters[index]?.facts;
    if (said !== undefined) assertSame(file, said, factsText(parameter), `facts of -${parameter.name}`);
  }
  assertSame(file, names(page.outputs), facts.outputs.join(', '), 'outputs');
}

function names(entries: readonly { title: string; line: number }[]): Text {
  return { line: entries[0]?.line ?? 1, text: entries.map(({ title }) => title).join(', ') };
}

function assertSame(file: string, said: Text, meant: string, what: string): void {
  if (said.text !== meant)
    throw new PageError(file, said.line, `by the cmdlet's script the ${what} should be:\n${meant}`);
}
