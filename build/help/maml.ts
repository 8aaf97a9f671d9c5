/**
 * Help as Get-Help reads it: MAML, the format of cmdlets' help files.
 * Source: Microsoft, "Writing Help for PowerShell Cmdlets" (learn.microsoft.com/powershell/scripting/developer/help), and what platyPS writes.
 */
import { parameterSets, parametersOf, type CmdletFacts, type ParameterFacts } from './facts.js';
import type { Entry, HelpPage } from './page.js';
import { pipelineInput } from './syntax.js';
import { element, text, type Xml } from './xml.js';

export interface Cmdlet {
  readonly page: HelpPage;
  readonly facts: CmdletFacts;
}

const namespaces = {
  'xmlns:maml': 'http://schemas.microsoft.com/maml/2004/10',
  'xmlns:command': 'http://schemas.microsoft.com/maml/dev/command/2004/10',
  'xmlns:dev': 'http://schemas.microsoft.com/maml/dev/2004/10',
};

/** The module's whole help file. */
export function helpFile(cmdlets: readonly Cmdlet[]): string {
  const items = element('helpItems', { schema: 'maml', xmlns: 'http://msh' }, ...cmdlets.map(command));
  // A line for each element that ends: the file can be read and compared.
  return `<?xml version="1.0" encoding="utf-8"?>\n${items.replaceAll(/<\/command:\w+>/gu, '$&\n')}\n`;
}

function command({ page, facts }: Cmdlet): Xml {
  const [verb = '', noun = ''] = page.name.split('-');
  return element(
    'command:command',
    namespaces,
    element(
      'command:details',
      {},
      element('command:name', {}, text(page.name)),
      description([page.synopsis]),
      element('command:verb', {}, text(verb)),
      element('command:noun', {}, text(noun)),
    ),
    description(page.description),
    element('command:syntax', {}, ...parameterSets(facts).map((set) => syntaxItem(facts, set))),
    element('command:parameters', {}, ...facts.parameters.map((parameter) => described(page, parameter))),
    element('command:inputTypes', {}, ...page.inputs.map((type) => typed('command:inputType', type))),
    element('command:returnValues', {}, ...page.outputs.map((type) => typed('command:returnValue', type))),
    element('command:examples', {}, ...page.examples.map(example)),
    element('command:relatedLinks', {}, ...page.links.map(link)),
  );
}

function syntaxItem(facts: CmdletFacts, set: string | null): Xml {
  const parameters = parametersOf(facts, set).map((parameter) =>
    element('command:parameter', attributes(parameter), ...inSyntax(parameter)),
  );
  return element('command:syntaxItem', {}, name(facts.name), ...parameters);
}

/** A switch shows no value. */
function inSyntax(parameter: ParameterFacts): Xml[] {
  const values = parameter.values.map((value) =>
    element('command:parameterValue', { required: false }, text(value)),
  );
  if (parameter.type === 'switch') return [name(parameter.name)];
  if (values.length === 0) return [name(parameter.name), valueOf(parameter)];
  return [name(parameter.name), element('command:parameterValueGroup', {}, ...values)];
}

function described(page: HelpPage, parameter: ParameterFacts): Xml {
  const said = page.parameters.find(({ title }) => title === parameter.name);
  const initial = parameter.type === 'switch' ? 'False' : (parameter.defaultValue ?? 'None');
  return element(
    'command:parameter',
    attributes(parameter),
    name(parameter.name),
    description(said?.paragraphs ?? []),
    valueOf(parameter),
    element('dev:type', {}, name(parameter.type)),
    element('dev:defaultValue', {}, text(initial)),
  );
}

function attributes(parameter: ParameterFacts): Record<string, string | boolean> {
  const input = pipelineInput(parameter);
  return {
    required: parameter.mandatory,
    globbing: parameter.wildcards,
    pipelineInput: input === null ? 'False' : `True (${input})`,
    position: parameter.position === null ? 'named' : String(parameter.position),
    aliases: parameter.aliases.length === 0 ? 'none' : parameter.aliases.join(', '),
  };
}

function valueOf({ type }: ParameterFacts): Xml {
  return element('command:parameterValue', { required: type !== 'switch' }, text(type));
}

function typed(elementName: string, { title, paragraphs }: Entry): Xml {
  return element(elementName, {}, element('dev:type', {}, name(title)), description(paragraphs));
}

function example({ title, code, paragraphs }: HelpPage['examples'][number], index: number): Xml {
  return element(
    'command:example',
    {},
    element('maml:title', {}, text(`-------- Example ${index + 1}: ${title} --------`)),
    element('dev:code', {}, text(code)),
    // The empty one keeps the next example apart.
    element('dev:remarks', {}, ...[...paragraphs, ''].map(para)),
  );
}

function link(title: string): Xml {
  return element(
    'maml:navigationLink',
    {},
    element('maml:linkText', {}, text(title)),
    element('maml:uri', {}),
  );
}

function name(value: string): Xml {
  return element('maml:name', {}, text(value));
}

function description(paragraphs: readonly string[]): Xml {
  return element('maml:description', {}, ...paragraphs.map(para));
}

function para(value: string): Xml {
  return element('maml:para', {}, text(value));
}
