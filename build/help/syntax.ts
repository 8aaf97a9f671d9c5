/** The parts of a cmdlet's page that follow from its script: its syntax, and the facts of each parameter. */
import { parameterSets, parametersOf, type CmdletFacts, type ParameterFacts } from './facts.js';

const width = 110;

/** One way to call the cmdlet for each parameter set, as Get-Help shows them, with an empty line between. */
export function syntaxText(facts: CmdletFacts): string {
  const lines = parameterSets(facts).map((set) =>
    wrap([facts.name, ...parametersOf(facts, set).map(usage), '[<CommonParameters>]']),
  );
  return lines.join('\n\n');
}

/** `-Name <type>`, in brackets what may be left out. */
function usage({ name, type, values, mandatory, position }: ParameterFacts): string {
  const value = values.length > 0 ? `{${values.join(' | ')}}` : `<${type}>`;
  const shown = position === null ? `-${name}` : `[-${name}]`;
  const whole = type === 'switch' ? shown : `${shown} ${value}`;
  return mandatory ? whole : `[${whole}]`;
}

function wrap(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : `    ${word}`);
  }
  return lines.join('\n');
}

/** The facts under the names that platyPS gives them, without those that are false or empty. */
export function factsText(parameter: ParameterFacts): string {
  const facts: [string, string | null][] = [
    ['Type', parameter.type],
    ['Parameter set', parameter.set],
    ['Aliases', parameter.aliases.join(', ')],
    ['Accepted values', parameter.values.join(', ')],
    ['Required', parameter.mandatory ? 'true' : null],
    ['Position', parameter.position === null ? null : String(parameter.position)],
    ['Default value', parameter.defaultValue],
    ['Accept pipeline input', pipelineInput(parameter)],
    ['Accept wildcard characters', parameter.wildcards ? 'true' : null],
  ];
  const said = facts.filter(([, value]) => value !== null && value !== '');
  return said.map(([name, value]) => `${name}: ${value ?? ''}`).join('\n');
}

/** `ByValue`, `ByPropertyName`, both, or null. */
export function pipelineInput({ byValue, byPropertyName }: ParameterFacts): string | null {
  const ways = [...(byValue ? ['ByValue'] : []), ...(byPropertyName ? ['ByPropertyName'] : [])];
  return ways.length === 0 ? null : ways.join(', ');
}
