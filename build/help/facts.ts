/** What a cmdlet's script says of its parameters, for the parts of the help that nobody writes. */

export interface ParameterFacts {
  readonly name: string;
  /** As the script writes it: `string[]`, `switch`. */
  readonly type: string;
  readonly aliases: readonly string[];
  /** The only values it takes; none where it takes any. */
  readonly values: readonly string[];
  readonly defaultValue: string | null;
  readonly wildcards: boolean;
  /** The parameter set that it belongs to; null for all of them. */
  readonly set: string | null;
  readonly mandatory: boolean;
  /** Counted from 0; null where it has to be named. */
  readonly position: number | null;
  readonly byValue: boolean;
  readonly byPropertyName: boolean;
}

export interface CmdletFacts {
  readonly name: string;
  readonly defaultSet: string | null;
  /** The types that it says it gives: `CertProp.Check`, `System.Boolean`; `None` for nothing. */
  readonly outputs: readonly string[];
  /** In the script's order, then WhatIf and Confirm where it has them. */
  readonly parameters: readonly ParameterFacts[];
}

/** The names of a cmdlet's parameter sets, the default one first; one null where it has no named ones. */
export function parameterSets({ defaultSet, parameters }: CmdletFacts): (string | null)[] {
  const named = parameters.map(({ set }) => set).filter((set) => set !== null);
  return named.length === 0 ? [null] : [...new Set([...(defaultSet === null ? [] : [defaultSet]), ...named])];
}

/** A set's parameters as the syntax shows them: those with a position, then the mandatory ones, then the others. */
export function parametersOf({ parameters }: CmdletFacts, set: string | null): ParameterFacts[] {
  const own = parameters.filter((parameter) => parameter.set === null || parameter.set === set);
  const rank = ({ position, mandatory }: ParameterFacts): number => position ?? (mandatory ? 1000 : 2000);
  return own.sort((one, other) => rank(one) - rank(other));
}
