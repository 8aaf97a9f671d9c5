/** A cmdlet's page in docs/cmdlets: the one source of its help. */
import { PageError, readMarkdown, type Block, type Section } from './markdown.js';

export interface Text {
  readonly line: number;
  readonly text: string;
}

/** Something with a heading of its own: an example, a parameter, a type. */
export interface Entry {
  readonly title: string;
  readonly line: number;
  readonly paragraphs: readonly string[];
}

export interface HelpPage {
  readonly file: string;
  readonly name: string;
  readonly synopsis: string;
  readonly syntax: Text;
  readonly description: readonly string[];
  readonly examples: readonly (Entry & { readonly code: string })[];
  /** The title without its dash. */
  readonly parameters: readonly (Entry & { readonly facts: Text })[];
  readonly inputs: readonly Entry[];
  readonly outputs: readonly Entry[];
  readonly links: readonly string[];
}

/** The headings of every page, in their order. */
const headings = [
  'SYNOPSIS',
  'SYNTAX',
  'DESCRIPTION',
  'EXAMPLES',
  'PARAMETERS',
  'INPUTS',
  'OUTPUTS',
  'RELATED LINKS',
] as const;

type Content = Block['kind'] | 'headings';

/** Throws a PageError for a page that lacks a part or has one too many. */
export function readPage(file: string, text: string): HelpPage {
  const page = readMarkdown(file, text);
  checkHeadings(file, page);
  const part = (heading: (typeof headings)[number]): Section =>
    page.sections[headings.indexOf(heading)] ?? page;
  return {
    file,
    name: page.title,
    synopsis: plain(file, part('SYNOPSIS')).join(' '),
    syntax: soleCode(file, part('SYNTAX')),
    description: plain(file, part('DESCRIPTION')),
    examples: entries(file, part('EXAMPLES')).map((section) => {
      const [code, paragraphs] = codeAndText(file, section, 'powershell', 'begin');
      return { title: section.title, line: section.line, code: code.text, paragraphs };
    }),
    parameters: entries(file, part('PARAMETERS')).map((section) => {
      const [facts, paragraphs] = codeAndText(file, section, 'yaml', 'end');
      return { title: section.title.replace(/^-/u, ''), line: section.line, facts, paragraphs };
    }),
    inputs: types(file, part('INPUTS')),
    outputs: types(file, part('OUTPUTS')),
    links: plain(file, part('RELATED LINKS')).map((link) => link.replace(/^- /u, '')),
  };
}

function checkHeadings(file: string, page: Section): void {
  const { line, sections } = page;
  assertHolds(file, page, 'headings');
  const unknown = sections.find(({ title }) => !headings.some((heading) => heading === title));
  if (unknown !== undefined) {
    throw new PageError(
      file,
      unknown.line,
      `unknown heading "## ${unknown.title}": there are ${headings.join(', ')}`,
    );
  }
  for (const [index, heading] of headings.entries()) {
    const found = sections[index];
    if (found?.title !== heading) {
      const place = found === undefined ? 'at the end' : `before "## ${found.title}"`;
      throw new PageError(file, found?.line ?? line, `the heading "## ${heading}" is missing ${place}`);
    }
  }
  const surplus = sections[headings.length];
  if (surplus !== undefined) throw new PageError(file, surplus.line, `"## ${surplus.title}" is there twice`);
}

function entries(file: string, part: Section): readonly Section[] {
  assertHolds(file, part, 'headings');
  return part.sections;
}

/** A type may need no words. */
function types(file: string, part: Section): Entry[] {
  return entries(file, part).map((section) => {
    const { title, line, blocks, sections } = section;
    if (blocks.length + sections.length > 0) assertHolds(file, section, 'text');
    return { title, line, paragraphs: textOf(blocks) };
  });
}

function plain(file: string, part: Section): string[] {
  assertHolds(file, part, 'text');
  return textOf(part.blocks);
}

function soleCode(file: string, part: Section): Text {
  assertHolds(file, part, 'code');
  const [code, second] = part.blocks;
  if (code?.kind === 'code' && second === undefined) return code;
  throw new PageError(file, second?.line ?? part.line, `"${part.title}" has to hold one block of code`);
}

/** A section of text with one block of code at its beginning or end. */
function codeAndText(
  file: string,
  section: Section,
  language: string,
  where: 'begin' | 'end',
): [Text, readonly string[]] {
  const { title, line, blocks, sections } = section;
  const code = blocks.at(where === 'begin' ? 0 : -1);
  if (code?.kind !== 'code' || code.language !== language) {
    throw new PageError(
      file,
      code?.line ?? line,
      `"${title}" has to ${where} with a block of code: \`\`\`${language}`,
    );
  }
  const rest = { title, line, sections, blocks: blocks.filter((block) => block !== code) };
  return [code, plain(file, rest)];
}

/** Nothing that stands in a page is passed over. */
function assertHolds(file: string, { title, line, blocks, sections }: Section, allowed: Content): void {
  const held = [...blocks, ...sections.map((section) => ({ kind: 'headings', line: section.line }))];
  if (held.length === 0) throw new PageError(file, line, `there is nothing under "${title}"`);
  const wrong = held.find(({ kind }) => kind !== allowed);
  if (wrong !== undefined)
    throw new PageError(file, wrong.line, `"${title}" can't hold ${wrong.kind} here: ${allowed} only`);
}

function textOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => (block.kind === 'text' ? block.paragraphs : []));
}
