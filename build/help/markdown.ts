/** The Markdown that a page of help may hold, as sections of plain text with their lines. */
import { lexer, type Token, type Tokens } from 'marked';

/** What is wrong with a page, and where. */
export class PageError extends Error {
  constructor(file: string, line: number, message: string) {
    super(`${file}:${line}: ${message}`);
  }
}

export type Block =
  | { readonly kind: 'text'; readonly line: number; readonly paragraphs: readonly string[] }
  | { readonly kind: 'code'; readonly line: number; readonly language: string; readonly text: string };

/** A heading, and what stands below it. */
export interface Section {
  readonly title: string;
  readonly line: number;
  readonly blocks: Block[];
  readonly sections: Section[];
}

/** A page's sections: one of depth 1, in it those of depth 2, in these those of depth 3. Throws a PageError for anything else. */
export function readMarkdown(file: string, text: string): Section {
  const top: Section = { title: '', line: 1, blocks: [], sections: [] };
  const open = [top];
  let line = 1;
  for (const token of lexer(text)) {
    if (token.type === 'heading') {
      const { depth, tokens } = token as Tokens.Heading;
      if (depth > 3 || depth > open.length)
        throw new PageError(file, line, `a heading of depth ${depth} has no place here`);
      const section = { title: inlineText(file, line, tokens), line, blocks: [], sections: [] };
      open.length = depth;
      open.at(-1)?.sections.push(section);
      open.push(section);
    } else if (token.type !== 'space') {
      open.at(-1)?.blocks.push(readBlock(file, line, token));
    }
    line += token.raw.split('\n').length - 1;
  }
  const [page, second] = top.sections;
  if (page === undefined || top.blocks.length > 0)
    throw new PageError(file, 1, 'a page begins with its title: # Name');
  if (second !== undefined) throw new PageError(file, second.line, 'a page has one title');
  return page;
}

function readBlock(file: string, line: number, token: Token): Block {
  switch (token.type) {
    case 'paragraph':
      return { kind: 'text', line, paragraphs: [inlineText(file, line, token.tokens ?? [])] };
    case 'list': {
      const { items } = token as Tokens.List;
      const paragraphs = items.map((item) => `- ${inlineText(file, line, itemTokens(file, line, item))}`);
      return { kind: 'text', line, paragraphs };
    }
    case 'code': {
      const { lang = '', text } = token as Tokens.Code;
      return { kind: 'code', line, language: lang, text };
    }
    default:
      throw new PageError(file, line, `help can't show this (${token.type}): use paragraphs, lists and code`);
  }
}

function itemTokens(file: string, line: number, { tokens }: Tokens.ListItem): Token[] {
  const [only, second] = tokens;
  if (only?.type !== 'text' || second !== undefined)
    throw new PageError(file, line, 'an item of a list is one line of text');
  return (only as Tokens.Text).tokens ?? [];
}

/** The text without its marks; line ends become spaces. */
function inlineText(file: string, line: number, tokens: readonly Token[]): string {
  const parts = tokens.map((token) => {
    switch (token.type) {
      case 'codespan':
      case 'escape':
        return (token as Tokens.Codespan).text;
      case 'link':
      case 'strong':
      case 'em':
        return inlineText(file, line, (token as Tokens.Link).tokens);
      case 'text':
        if (!/&#?\w+;/u.test(token.raw)) return token.raw;
        throw new PageError(file, line, `write the character itself instead of ${token.raw.trim()}`);
      default:
        throw new PageError(
          file,
          line,
          `help can't show ${token.raw.trim()} (${token.type}): write it \`as code\``,
        );
    }
  });
  return parts.join('').replaceAll('\n', ' ');
}
