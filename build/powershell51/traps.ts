/** What parses in PowerShell 7 but does not work in Windows PowerShell 5.1. */
import { children, enclosing, placeOf, type Node, type Place } from '../powershell/tree.js';
import { newerCommands, newerEncodings, newerParameters, newerVariables } from './newer.js';

export interface Trap extends Place {
  readonly message: string;
}

function newerParameter(command: string, written: string): string | undefined {
  // PowerShell accepts the beginning of a parameter's name.
  const name = written.slice(1).toLowerCase();
  return newerParameters[command]?.find(
    (parameter) => name.length > 2 && parameter.toLowerCase().startsWith(name),
  );
}

function commandTraps(command: Node): string[] {
  const [nameNode, elements] = children(command);
  const name = nameNode?.text.toLowerCase() ?? '';
  if (newerCommands.includes(name)) {
    return [`${nameNode?.text ?? ''} does not exist in Windows PowerShell 5.1`];
  }
  if (name === 'using') {
    return ['write type names in full: `using` hides them from the 5.1 check'];
  }
  const words =
    elements === undefined ? [] : children(elements).filter((word) => word.type !== 'command_argument_sep');
  return words.flatMap((word, index) => {
    const parameter = word.type === 'command_parameter' ? newerParameter(name, word.text) : undefined;
    const encoding = /^-enc/iu.test(word.text) ? (words[index + 1]?.text.toLowerCase() ?? '') : '';
    return [
      ...(parameter === undefined ? [] : [`${name} has no parameter -${parameter} in 5.1`]),
      ...(newerEncodings.includes(encoding) ? [`-Encoding ${encoding} does not exist in 5.1`] : []),
    ];
  });
}

/** `$PSVersionTable.PSEdition -eq 'Desktop' -or $IsWindows` never reads the variable in 5.1. */
function isGuarded(variable: Node): boolean {
  return enclosing(variable, ['logical_expression'])?.text.includes('PSEdition') === true;
}

function trapsAt(node: Node): string[] {
  switch (node.type) {
    case '&&':
    case '||':
      return [`${node.text} between pipelines needs PowerShell 7`];
    case '|': {
      const before = node.previousSibling?.endPosition.row ?? node.startPosition.row;
      return before < node.startPosition.row
        ? ['a line cannot begin with | in 5.1: end the line before with it']
        : [];
    }
    case 'command':
      return commandTraps(node);
    case 'variable':
      return newerVariables.includes(node.text.toLowerCase()) && !isGuarded(node)
        ? [`${node.text} does not exist in 5.1, and reading it fails under Set-StrictMode`]
        : [];
    case 'expandable_string_literal':
      return /(?<!`)(``)*`[eu]/u.test(node.text) ? ['the escapes `e and `u{…} need PowerShell 6'] : [];
    default:
      return [];
  }
}

function* withTokens(node: Node): Generator<Node> {
  yield node;
  for (const child of node.children) {
    yield* withTokens(child);
  }
}

export function traps(script: Node): Trap[] {
  return [...withTokens(script)].flatMap((node) =>
    trapsAt(node).map((message) => ({ ...placeOf(node), message })),
  );
}
