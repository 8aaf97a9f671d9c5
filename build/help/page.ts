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

/** Throws a PageError for a page that lacks a part or has one too many. */
export function readPage(file: string, text: string): HelpPage {
  const page = readMarkdown(file, text);
  checkHeadings(file, page);
  const part = (heading: (typeof headings)[number]): Section =>
    page.sections[headings.indexOf(heading)] ?? page;
  return {
    file,
    name: page.title,
    synopsis: needed(file, part('SYNOPSIS'), plain(file, part('SYNOPSIS'))).join(' '),
    syntax: code(file, part('SYNTAX'), ''),
    description: needed(file, part('DESCRIPTION'), plain(file, part('DESCRIPTION'))),
    examples: needed(file, part('EXAMPLES'), part('EXAMPLES').sections).map((section) => ({
      ...entry(file, section),
      code: code(file, section, 'powershell').text,
    })),
    parameters: part('PARAMETERS').sections.map((section) => ({
      ...entry(file, section),
      title: section.title.replace(/^-/u, ''),
      facts: code(file, section, 'yaml'),
    })),
    inputs: types(file, part('INPUTS')),
    outputs: types(file, part('OUTPUTS')),
    links: plain(file, part('RELATED LINKS')).map((link) => link.replace(/^- /u, '')),
  };
}

function checkHeadings(file: string, { line, sections }: Section): void {
  for (const [index, heading] of headings.entries()) {
    const found = sections[index];
    if (found?.title !== heading) {
      const place = found === undefined ? 'at the end' : `before "## ${found.title}"`;
      throw new PageError(file, found?.line ?? line, `the heading "## ${heading}" is missing ${place}`);
    }
  }
  const surplus = sections[headings.length];
  if (surplus !== undefined) throw new PageError(file, surplus.line, `unknown heading "## ${surplus.title}"`);
}

function types(file: string, part: Section): Entry[] {
  // A type may need no words.
  return needed(file, part, part.sections).map(({ title, line, blocks }) => ({
    ...{ title, line, paragraphs: paragraphs(blocks) },
  }));
}

function entry(file: string, section: Section): Entry {
  const { title, line } = section;
  return { title, line, paragraphs: needed(file, section, paragraphs(section.blocks)) };
}

/** The paragraphs of a part that holds nothing else. */
function plain(file: string, { blocks, sections }: Section): string[] {
  const other = sections[0] ?? blocks.find(({ kind }) => kind === 'code');
  if (other !== undefined) throw new PageError(file, other.line, 'here stand paragraphs and lists only');
  return paragraphs(blocks);
}

function paragraphs(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => (block.kind === 'text' ? block.paragraphs : []));
}

/** The one block of code of a section. */
function code(file: string, { title, line, blocks }: Section, language: string): Text {
  const found = blocks.filter((block) => block.kind === 'code');
  const [only] = found;
  if (only?.language !== language || found.length > 1) {
    throw new PageError(file, only?.line ?? line, `"${title}" has to hold one block of code, \`\`\`${language}`);
  }
  return only;
}

function needed<T>(file: string, { title, line }: Section, parts: readonly T[]): readonly T[] {
  if (parts.length === 0) throw new PageError(file, line, `there is nothing under "${title}"`);
  return parts;
}
