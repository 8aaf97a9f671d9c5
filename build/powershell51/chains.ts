import { children, type Node } from '../powershell/tree.js';

/** `$a.B.C(1)`: the receiver `$a` and the steps `.B`, `.C(1)`; a step whose name is computed is null. */
export interface Chain {
  readonly receiver: Node;
  readonly steps: readonly (string | null)[];
}

function isLink(node: Node): boolean {
  return node.type === 'member_access' || node.type === 'invokation_expression';
}

/** Whether a node is the last member of a chain, so that it stands for the whole. */
export function endsChain(node: Node): boolean {
  const outer = node.parent;
  return isLink(node) && !(outer !== null && isLink(outer) && outer.namedChild(0)?.id === node.id);
}

function argumentCount(invocation: Node): number {
  const list = children(invocation).find((child) => child.type === 'argument_list');
  const [inner] = list === undefined ? [] : children(list);
  return inner === undefined ? 0 : children(inner).length;
}

function step(link: Node): string | null {
  const member = children(link).find((child) => child.type === 'member_name');
  const [name] = member === undefined ? [] : children(member);
  if (name?.type !== 'simple_name') {
    return null;
  }
  const operator = link.children.some((child) => child.type === '::') ? '::' : '.';
  const call = link.type === 'invokation_expression' ? `(${argumentCount(link)})` : '';
  return `${operator}${name.text}${call}`;
}

export function chainOf(node: Node): Chain {
  const first = node.namedChild(0);
  if (!isLink(node) || first === null) {
    return { receiver: node, steps: [] };
  }
  const { receiver, steps } = chainOf(first);
  return { receiver, steps: [...steps, step(node)] };
}
