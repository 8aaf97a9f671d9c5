/** PowerShell wildcards (about_Wildcards): `*`, `?`, `[a-z]`, and the backtick that takes the next character literally. */

type Token =
  { readonly kind: 'any' } | { readonly kind: 'one'; readonly fits: (character: string) => boolean };

/** Whether a text is the pattern, letter for letter, or fits it as a wildcard; upper and lower case are the same. */
export function fits(pattern: string, text: string): boolean {
  return lower(pattern) === lower(text) || match(parse(lower(pattern)), [...lower(text)]);
}

/** Whether a pattern can stand for more than one name. */
export function hasWildcard(pattern: string): boolean {
  return /[*?[]/u.test(pattern);
}

function lower(text: string): string {
  return text.toLowerCase();
}

function parse(pattern: string): readonly Token[] {
  const tokens: Token[] = [];
  const characters = [...pattern];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const close = character === '[' ? characters.indexOf(']', at + 2) : -1;
    if (character === '*') tokens.push({ kind: 'any' });
    else if (character === '?') tokens.push({ kind: 'one', fits: () => true });
    else if (close > 0) {
      tokens.push({ kind: 'one', fits: characterSet(characters.slice(at + 1, close)) });
      at = close;
    } else {
      const literal = character === '`' && at + 1 < characters.length ? characters[++at] : character;
      tokens.push({ kind: 'one', fits: (other) => other === literal });
    }
  }
  return tokens;
}

function characterSet(members: readonly string[]): (character: string) => boolean {
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < members.length; at++) {
    const from = members[at] ?? '';
    const to = members[at + 1] === '-' ? members[at + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) at += 2;
  }
  return (character) => ranges.some(([from, to]) => from <= character && character <= to);
}

/** Two positions and one point to come back to: the time is bounded by pattern length times text length. */
function match(tokens: readonly Token[], text: readonly string[]): boolean {
  let token = 0;
  let at = 0;
  let retry: { token: number; at: number } | null = null;
  while (at < text.length) {
    const current = tokens[token];
    if (current?.kind === 'any') {
      retry = { token: token++, at };
    } else if (current?.fits(text[at] ?? '') === true) {
      token++;
      at++;
    } else if (retry !== null) {
      token = retry.token + 1;
      at = ++retry.at;
    } else {
      return false;
    }
  }
  return tokens.slice(token).every(({ kind }) => kind === 'any');
}
