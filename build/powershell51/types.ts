import { children, descendants, type Node } from '../powershell/tree.js';
import { fullTypeName } from './accelerators.js';

/** Type names that are PowerShell's syntax, not .NET types. */
const syntax = ['ordered'];

/** A type as .NET names it: `hashtable[]` → `System.Collections.Hashtable[]`. */
function dotNetName(written: string): string {
  return written.replace(/\s/gu, '').replace(/[A-Za-z_][\w.+]*/gu, fullTypeName);
}

/** The .NET name in a type literal (`[IO.Path]` → `IO.Path`); null where it names none. */
export function typeOfLiteral(literal: Node): string | null {
  const written = literal.text.slice(1, -1);
  return syntax.includes(written.toLowerCase()) ? null : dotNetName(written);
}

/** The type of an attribute: `[Parameter(…)]`. */
export function typeOfAttribute(attribute: Node): string | null {
  const [name] = children(attribute);
  return name?.type === 'attribute_name' ? dotNetName(name.text) : null;
}

/** The type that a New-Object command names; null for another command or a computed name. */
export function typeOfNewObject(command: Node): string | null {
  const [name, elements] = children(command);
  if (name?.text.toLowerCase() !== 'new-object' || elements === undefined) {
    return null;
  }
  const words = children(elements).filter((word) => word.type !== 'command_argument_sep');
  const named = words.findIndex((word) => /^-t/iu.test(word.text));
  const value = named >= 0 ? words[named + 1] : words[0];
  const written = value?.text.replace(/^(['"])(.*)\1$/u, '$2') ?? '';
  return /^[A-Za-z_][\w.+[\],]*$/u.test(written) ? dotNetName(written) : null;
}

/** The classes and enumerations that a script defines itself, lower case. */
export function ownTypes(script: Node): Set<string> {
  return new Set(
    [...descendants(script)]
      .filter(({ type }) => type === 'class_statement' || type === 'enum_statement')
      .map((statement) => children(statement)[0]?.text.toLowerCase() ?? ''),
  );
}
