import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Language, Parser, type Node } from 'web-tree-sitter';
import { root } from '../root.js';

export type { Node } from 'web-tree-sitter';

/** A place in a script, counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export function placeOf(node: Node): Place {
  return { line: node.startPosition.row + 1, column: node.startPosition.column + 1 };
}

/** A parser of PowerShell scripts into syntax trees (the grammar of tree-sitter-powershell). */
export async function powerShellParser(): Promise<(script: string) => Node> {
  await Parser.init();
  const grammar = join(root, 'node_modules', 'tree-sitter-powershell', 'tree-sitter-powershell.wasm');
  const parser = new Parser();
  parser.setLanguage(await Language.load(readFileSync(grammar)));
  return (script) => {
    const tree = parser.parse(script);
    if (tree === null) {
      throw new Error('the PowerShell grammar gave no tree');
    }
    return tree.rootNode;
  };
}

/** A node and everything below it, in the order of the text. */
export function* descendants(node: Node): Generator<Node> {
  yield node;
  for (const child of children(node)) {
    yield* descendants(child);
  }
}

/** The children without the unnamed tokens. */
export function children(node: Node): Node[] {
  return node.namedChildren;
}

/** The nearest enclosing node of one of these types. */
export function enclosing(node: Node, types: readonly string[]): Node | null {
  for (let outer = node.parent; outer !== null; outer = outer.parent) {
    if (types.includes(outer.type)) {
      return outer;
    }
  }
  return null;
}

/** Goes down through expression levels that hold just one thing (`logical_expression` … `unary_expression`). */
export function unwrap(node: Node): Node {
  const only = node.namedChildCount === 1 ? node.namedChild(0) : null;
  const transparent = /^(pipeline|pipeline_chain|[a-z_]+_expression)$/u;
  return only !== null && transparent.test(node.type) ? unwrap(only) : node;
}
