/** The types of variables, as far as a function says them: `[T] $x`, `$x = [T]::new(…)`, `$x = New-Object T`, `$x = [T] …`. */
import { children, descendants, enclosing, unwrap, type Node } from '../powershell/tree.js';
import { chainOf } from './chains.js';
import { typeOfLiteral, typeOfNewObject } from './types.js';

const automatic = new Map([
  ['$pscmdlet', 'System.Management.Automation.PSCmdlet'],
  ['$host', 'System.Management.Automation.Host.PSHost'],
  ['$executioncontext', 'System.Management.Automation.EngineIntrinsics'],
  ['$myinvocation', 'System.Management.Automation.InvocationInfo'],
]);

interface Evidence {
  readonly variable: string;
  /** Where the variable lives. */
  readonly scope: Node;
  /** null: something of unknown type is assigned. */
  readonly type: string | null;
  readonly declared: boolean;
}

function variableKey(variable: Node): string {
  return variable.text.toLowerCase().replace(/^\$\{(.*)\}$/u, '$$$1');
}

/** A script's variables live in the whole file, others in their function. */
function scopeOf(node: Node, key: string): Node {
  const inner = key.startsWith('$script:') ? null : enclosing(node, ['function_statement']);
  return inner ?? node.tree.rootNode;
}

function castOf(node: Node): { type: string | null; operand: Node | null } | null {
  const [cast] = node.type === 'expression_with_unary_operator' ? children(node) : [];
  const [literal, operand] = cast?.type === 'cast_expression' ? children(cast) : [];
  return literal === undefined ? null : { type: typeOfLiteral(literal), operand: operand ?? null };
}

/** The type of an assigned value, null if unknown, undefined for `$null`, which fits any type. */
function typeOfValue(value: Node): string | null | undefined {
  if (value.text.toLowerCase() === '$null') {
    return undefined;
  }
  if (value.type === 'command') {
    return typeOfNewObject(value);
  }
  const { receiver, steps } = chainOf(value);
  if (receiver.type === 'type_literal' && steps.length === 1 && /^::new\(/iu.test(steps[0] ?? '')) {
    return typeOfLiteral(receiver);
  }
  return castOf(value)?.type ?? null;
}

function evidenceOfParameter(parameter: Node): Evidence | null {
  const variable = children(parameter).find((child) => child.type === 'variable');
  const literal = [...descendants(parameter)].find(
    (node) => node.type === 'type_literal' && node.parent?.type === 'attribute',
  );
  if (variable === undefined) {
    return null;
  }
  const type = literal === undefined ? null : typeOfLiteral(literal);
  const key = variableKey(variable);
  return { variable: key, scope: scopeOf(parameter, key), type, declared: type !== null };
}

function evidenceOfAssignment(assignment: Node): Evidence | null {
  const [left, operator, right] = children(assignment);
  if (left === undefined || right === undefined || operator?.text !== '=') {
    return null;
  }
  const target = unwrap(children(left)[0] ?? left);
  const cast = castOf(target);
  const variable = cast === null ? target : unwrap(cast.operand ?? target);
  if (variable.type !== 'variable') {
    return null;
  }
  const key = variableKey(variable);
  const scope = scopeOf(assignment, key);
  if (cast !== null) {
    return { variable: key, scope, type: cast.type, declared: true };
  }
  const type = typeOfValue(unwrap(right));
  return type === undefined ? null : { variable: key, scope, type, declared: false };
}

/** Tells the type of a variable at its place, or null. */
export function variableTypes(script: Node): (variable: Node) => string | null {
  const evidence = [...descendants(script)]
    .map((node) =>
      node.type === 'script_parameter'
        ? evidenceOfParameter(node)
        : node.type === 'assignment_expression'
          ? evidenceOfAssignment(node)
          : null,
    )
    .filter((found) => found !== null);
  return (variable) => {
    const key = variableKey(variable);
    const scope = scopeOf(variable, key);
    const known = evidence.filter((one) => one.variable === key && one.scope.id === scope.id);
    const declared = known.filter((one) => one.declared);
    const types = new Set((declared.length > 0 ? declared : known).map((one) => one.type));
    return types.size === 1 ? ([...types][0] ?? null) : (automatic.get(key) ?? null);
  };
}
