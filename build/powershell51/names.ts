/**
 * The .NET names that a script uses, from its syntax tree, as lines such as
 * `[System.IO.MemoryStream]`, `[System.IO.MemoryStream]::new(1)` (with the number of arguments),
 * `[System.Text.Encoding]::ASCII.GetBytes(1)`, `[System.Diagnostics.Process].StandardInput.Close(0)` (of an object whose
 * type the script says) and `*.Kill(1)` (a method of an object of unknown type).
 */
import { children, descendants, placeOf, type Node, type Place } from '../powershell/tree.js';
import { chainOf, endsChain } from './chains.js';
import { ownTypes, typeOfAttribute, typeOfLiteral, typeOfNewObject } from './types.js';
import { variableTypes } from './variables.js';

export interface NameUse extends Place {
  readonly name: string;
}

/** The steps up to the first whose name is computed. */
function knownSteps(steps: readonly (string | null)[]): string[] {
  const end = steps.indexOf(null);
  return (end < 0 ? steps : steps.slice(0, end)).filter((step) => step !== null);
}

/** Types whose objects have whatever members a script gives them. */
const loose = [
  'system.collections.hashtable',
  'system.management.automation.psobject',
  'object',
  'system.object',
];

function namesOfChain(node: Node, typeOf: (variable: Node) => string | null): string[] {
  const { receiver, steps } = chainOf(node);
  const known = knownSteps(steps);
  if (receiver.type === 'type_literal') {
    // `[string].Assembly` asks the type object, `[string]::Empty` the type.
    const type = known[0]?.startsWith('.') === true ? 'System.Type' : typeOfLiteral(receiver);
    return type === null ? [] : [`[${type}]${known.join('')}`];
  }
  const type = receiver.type === 'variable' ? typeOf(receiver) : null;
  return type === null || loose.includes(type.toLowerCase())
    ? known.filter((step) => step.startsWith('.') && step.endsWith(')')).map((step) => `*${step}`)
    : [`[${type}]${known.join('')}`];
}

/** `[T] @{ A = 1 }` sets the property A of a new T. */
function namesOfCast(cast: Node): string[] {
  const [literal, operand] = children(cast);
  const type = literal?.type === 'type_literal' ? typeOfLiteral(literal) : null;
  const hash =
    operand === undefined
      ? undefined
      : [...descendants(operand)].find((node) => node.type === 'hash_literal_body');
  if (type === null || hash === undefined || operand?.text.startsWith('@{') !== true) {
    return [];
  }
  const keys = children(hash).map((entry) => children(entry)[0]?.text ?? '');
  return keys.filter((key) => /^\w+$/u.test(key)).map((key) => `[${type}].${key}`);
}

function namesOfAttribute(attribute: Node): string[] {
  const type = typeOfAttribute(attribute);
  if (type === null) {
    return [];
  }
  const named = [...descendants(attribute)]
    .filter((node) => node.type === 'attribute_argument')
    .map((argument) => children(argument)[0])
    .filter((name) => name?.type === 'simple_name');
  return [`[${type}]`, ...named.map((name) => `[${type}].${name?.text ?? ''}`)];
}

function bracketed(type: string | null): string[] {
  return type === null ? [] : [`[${type}]`];
}

function namesAt(node: Node, typeOf: (variable: Node) => string | null): string[] {
  switch (node.type) {
    case 'type_literal':
      return bracketed(typeOfLiteral(node));
    case 'command':
      return bracketed(typeOfNewObject(node));
    case 'attribute':
      return namesOfAttribute(node);
    case 'cast_expression':
      return namesOfCast(node);
    default:
      return endsChain(node) ? namesOfChain(node, typeOf) : [];
  }
}

/** Every use of a .NET name; the types that the script defines itself are left out. */
export function dotNetNames(script: Node): NameUse[] {
  const typeOf = variableTypes(script);
  const own = ownTypes(script);
  return [...descendants(script)]
    .flatMap((node) => namesAt(node, typeOf).map((name) => ({ ...placeOf(node), name })))
    .filter(({ name }) => !own.has(/^\[(\w+)/u.exec(name)?.[1]?.toLowerCase() ?? ''));
}
