/** Reads a cmdlet's facts out of its script. */
import { descendants, placeOf, unwrap, type Node } from '../powershell/tree.js';
import type { CmdletFacts, ParameterFacts } from './facts.js';

interface Attribute {
  readonly name: string;
  /** `Mandatory` has the value `$true`; an argument without a name has null as its name. */
  readonly arguments: readonly { readonly name: string | null; readonly value: string }[];
}

/** What `[CmdletBinding(SupportsShouldProcess)]` adds (about_Functions_CmdletBindingAttribute). */
const shouldProcess: readonly ParameterFacts[] = [
  commonSwitch('WhatIf', 'wi'),
  commonSwitch('Confirm', 'cf'),
];

const typeNames: Readonly<Record<string, string>> = { bool: 'System.Boolean', void: 'None' };

/** The facts of the one function that a script of module/public defines. Throws where the script says something in a form that isn't known here. */
export function readFacts(file: string, script: Node): CmdletFacts {
  const functions = [...descendants(script)].filter(({ type }) => type === 'function_statement');
  const [definition] = functions;
  if (definition === undefined || functions.length > 1)
    throw new Error(`${file}: it has to hold one function`);
  const block = childOf(childOf(definition, 'script_block'), 'param_block');
  const attributes = attributesOf(file, block);
  const binding = attributes.find(({ name }) => name === 'CmdletBinding');
  const outputs = attributes.filter(({ name }) => name === 'OutputType').flatMap(positional);
  const parameters = childrenOf(childOf(block, 'parameter_list')).filter(
    ({ type }) => type === 'script_parameter',
  );
  return {
    name: childOf(definition, 'function_name')?.text ?? '',
    defaultSet: named(binding, 'DefaultParameterSetName'),
    outputs: outputs.map((name) => typeNames[name] ?? name),
    parameters: [
      ...parameters.map((parameter) => parameterFacts(file, parameter)),
      ...(isSet(binding, 'SupportsShouldProcess') ? shouldProcess : []),
    ],
  };
}

function parameterFacts(file: string, parameter: Node): ParameterFacts {
  const attributes = attributesOf(file, parameter);
  const uses = attributes.filter(({ name }) => name === 'Parameter');
  if (uses.length > 1) throw unknownForm(file, parameter);
  const [use] = uses;
  const position = named(use, 'Position');
  const initial = childOf(parameter, 'script_parameter_default');
  const argumentsOf = (wanted: string): string[] =>
    attributes.filter(({ name }) => name === wanted).flatMap(positional);
  return {
    name: childOf(parameter, 'variable')?.text.slice(1) ?? '',
    type: typeOf(parameter),
    aliases: argumentsOf('Alias'),
    values: argumentsOf('ValidateSet'),
    defaultValue: initial === null ? null : literal(file, initial.namedChild(0)),
    wildcards: attributes.some(({ name }) => name === 'SupportsWildcards'),
    set: named(use, 'ParameterSetName'),
    mandatory: isSet(use, 'Mandatory'),
    position: position === null ? null : Number(position),
    byValue: isSet(use, 'ValueFromPipeline'),
    byPropertyName: isSet(use, 'ValueFromPipelineByPropertyName'),
  };
}

function commonSwitch(name: string, alias: string): ParameterFacts {
  return {
    ...{ name, type: 'switch', aliases: [alias], values: [], defaultValue: null, wildcards: false },
    ...{ set: null, mandatory: false, position: null, byValue: false, byPropertyName: false },
  };
}

function attributesOf(file: string, node: Node | null): Attribute[] {
  return attributeNodes(node).flatMap((attribute) => {
    const name = childOf(attribute, 'attribute_name')?.text;
    if (name === undefined) return [];
    const given = childrenOf(childOf(attribute, 'attribute_arguments'));
    return [{ name, arguments: given.map((argument) => argumentOf(file, argument)) }];
  });
}

function argumentOf(file: string, argument: Node): Attribute['arguments'][number] {
  const name = childOf(argument, 'simple_name')?.text ?? null;
  const value = argument.namedChildren.find(({ type }) => type !== 'simple_name');
  return { name, value: value === undefined ? '$true' : literal(file, value) };
}

function typeOf(parameter: Node): string {
  const types = attributeNodes(parameter).map((attribute) => childOf(attribute, 'type_literal'));
  return types.find((type) => type !== null)?.text.slice(1, -1) ?? 'object';
}

function attributeNodes(node: Node | null): Node[] {
  return childrenOf(childOf(node, 'attribute_list')).filter(({ type }) => type === 'attribute');
}

function positional(attribute: Attribute): string[] {
  return attribute.arguments.filter(({ name }) => name === null).map(({ value }) => value);
}

function named(attribute: Attribute | undefined, wanted: string): string | null {
  return attribute?.arguments.find(({ name }) => name === wanted)?.value ?? null;
}

function isSet(attribute: Attribute | undefined, wanted: string): boolean {
  return named(attribute, wanted) === '$true';
}

/** A text in single quotes, a number, `$true`, or a type's name. */
function literal(file: string, node: Node | null): string {
  const value = node === null ? null : unwrap(node);
  const text = value?.text ?? '';
  const found =
    /^'([^']*)'$/u.exec(text)?.[1] ??
    /^\[([\w.]+)\]$/u.exec(text)?.[1] ??
    /^(?:\d+|\$true|\$false)$/u.exec(text)?.[0];
  if (node === null || found === undefined) throw unknownForm(file, node);
  return found;
}

function unknownForm(file: string, node: Node | null): Error {
  const line = node === null ? '' : `:${placeOf(node).line}`;
  return new Error(
    `${file}${line}: the help is made for parameters with at most one [Parameter()] and for plain values`,
  );
}

function childrenOf(node: Node | null): Node[] {
  return node?.namedChildren ?? [];
}

function childOf(node: Node | null, type: string): Node | null {
  return childrenOf(node).find((child) => child.type === type) ?? null;
}
