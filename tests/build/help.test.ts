/** docs/cmdlets is the one source of the cmdlets' help: what a page may hold, and what becomes of it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parseXml, XmlElement, type XmlNode } from '@rgrove/parse-xml';
import { sourceFiles } from '../../build/files.js';
import { assertAgreement } from '../../build/help/agree.js';
import { helpFile } from '../../build/help/maml.js';
import { readPage } from '../../build/help/page.js';
import { readFacts } from '../../build/help/script.js';
import { readCmdlets } from '../../build/help/write.js';
import { powerShellParser } from '../../build/powershell/tree.js';
import { root } from '../../build/root.js';

const parse = await powerShellParser();

const script = `function Get-Thing {
    # .EXTERNALHELP ../CertProp-help.xml
    [CmdletBinding(DefaultParameterSetName = 'Near', SupportsShouldProcess)]
    [OutputType('CertProp.Thing', [bool])]
    param(
        [Parameter(ParameterSetName = 'Far', Mandatory)]
        [string]$Path,

        [ValidateSet('Red', 'Blue')]
        [string]$Color = 'Red',

        [Parameter(Position = 0, ValueFromPipelineByPropertyName)]
        [Alias('ThingName')]
        [SupportsWildcards()]
        [string[]]$Name,

        [switch]$Quiet
    )
    end { $Name }
}
`;

const page = `# Get-Thing

## SYNOPSIS

Gets things.

## SYNTAX

\`\`\`
Get-Thing [[-Name] <string[]>] [-Color {Red | Blue}] [-Quiet] [-WhatIf] [-Confirm] [<CommonParameters>]

Get-Thing [[-Name] <string[]>] -Path <string> [-Color {Red | Blue}] [-Quiet] [-WhatIf] [-Confirm]
    [<CommonParameters>]
\`\`\`

## DESCRIPTION

Gets the things
of \`D:\\Things\\*\`.

- One: of *each*.
- Two: of [some](Get-Thing.md).

## EXAMPLES

### All things

\`\`\`powershell
Get-Thing |
    Format-List
\`\`\`

Gets all things.

## PARAMETERS

### -Path

Where they are.

\`\`\`yaml
Type: string
Parameter set: Far
Required: true
\`\`\`

### -Color

Their color.

\`\`\`yaml
Type: string
Accepted values: Red, Blue
Default value: Red
\`\`\`

### -Name

Their names.

\`\`\`yaml
Type: string[]
Aliases: ThingName
Position: 0
Accept pipeline input: ByPropertyName
Accept wildcard characters: true
\`\`\`

### -Quiet

Gives True or False.

\`\`\`yaml
Type: switch
\`\`\`

### -WhatIf

Shows what would be done.

\`\`\`yaml
Type: switch
Aliases: wi
\`\`\`

### -Confirm

Asks before.

\`\`\`yaml
Type: switch
Aliases: cf
\`\`\`

## INPUTS

### None

## OUTPUTS

### CertProp.Thing

One for each.

### System.Boolean

## RELATED LINKS

- [Get-Thing](Get-Thing.md)
`;

const facts = readFacts('Get-Thing.ps1', parse(script));

/** The page with one part of it changed, read and compared with the script. */
function read(part = '', changed = ''): ReturnType<typeof readPage> {
  assert.ok(page.includes(part), part);
  const text = readPage(
    'thing.md',
    page.replace(part, () => changed),
  );
  assertAgreement(text, facts);
  return text;
}

function elements(node: XmlNode): XmlElement[] {
  const children = 'children' in node ? (node.children as XmlNode[]) : [];
  return [...(node instanceof XmlElement ? [node] : []), ...children.flatMap(elements)];
}

function elementsOf(xml: string, name: string): XmlElement[] {
  return elements(parseXml(xml)).filter((element) => element.name === name);
}

/** The text of each element of a name. */
function textsOf(xml: string, name: string): string[] {
  return elementsOf(xml, name).map(({ text }) => text);
}

suite('A page of help', () => {
  test('becomes plain text', () => {
    const { description, examples, links } = read();
    assert.deepEqual(description, [
      'Gets the things of D:\\Things\\*.',
      '- One: of each.',
      '- Two: of some.',
    ]);
    assert.deepEqual(
      examples.map(({ title, code, paragraphs }) => [title, code, ...paragraphs]),
      [['All things', 'Get-Thing |\n    Format-List', 'Gets all things.']],
    );
    assert.deepEqual(links, ['Get-Thing']);
  });

  const wrong: readonly [string, string, string, RegExp][] = [
    [
      'without a part',
      '## INPUTS\n\n### None\n\n',
      '',
      /^thing\.md:95: the heading "## INPUTS" is missing before "## OUTPUTS"/u,
    ],
    [
      'without its last part',
      '## RELATED LINKS\n\n- [Get-Thing](Get-Thing.md)\n',
      '',
      /^thing\.md:1: the heading "## RELATED LINKS" is missing/u,
    ],
    [
      'with an unknown heading',
      '## EXAMPLES',
      '## SAMPLES',
      /^thing\.md:24: unknown heading "## SAMPLES": there are SYNOPSIS, SYNTAX, /u,
    ],
    [
      'with one heading too many',
      'Get-Thing.md)\n',
      'Get-Thing.md)\n\n## NOTES\n',
      /thing\.md:\d+: .*"## NOTES"/u,
    ],
    ['with an empty part', 'Gets things.', '', /^thing\.md:3: there is nothing under "SYNOPSIS"/u],
    [
      'with an example without words',
      'Gets all things.',
      '',
      /^thing\.md:26: there is nothing under "All things"/u,
    ],
    [
      'with an example without code',
      '```powershell',
      '```',
      /^thing\.md:28: "All things" has to begin with a block of code: ```powershell/u,
    ],
    [
      'with a heading that is too deep',
      'Gets all things.',
      '#### Deep',
      /^thing\.md:33: a heading of depth 4/u,
    ],
    ['with HTML in a line', 'Their color.', 'Their <b>color</b>.', /^thing\.md:49: help can't show <b>/u],
    ['with HTML', 'Their color.', '<table></table>', /^thing\.md:49: help can't show this \(html\)/u],
    ['with a table', 'Their color.', '| a |\n|---|\n| b |', /^thing\.md:49: help can't show this \(table\)/u],
    ['with a picture', 'Their color.', '![color](a.png)', /^thing\.md:49: help can't show !\[color\]/u],
    [
      'with a name for a character',
      'Their color.',
      'Their &amp; color.',
      /^thing\.md:49: write the character itself/u,
    ],
    [
      'with a list in a list',
      '- One: of *each*.',
      '- One\n  - Two',
      /^thing\.md:21: an item of a list is one line/u,
    ],
    ['with two titles', '## SYNOPSIS', '# Get-More\n\n## SYNOPSIS', /^thing\.md:3: a page has one title/u],
    [
      'with text that would be passed over',
      '### All things',
      'Examples:\n\n### All things',
      /^thing\.md:26: "EXAMPLES" can't hold text here/u,
    ],
    [
      'with a second block of code',
      'Gets all things.',
      '```\nGet-Thing\n```\n\nGets.',
      /^thing\.md:33: "All things" can't hold code here/u,
    ],
    [
      'with words beside its syntax',
      '## DESCRIPTION',
      'So it is.\n\n## DESCRIPTION',
      /^thing\.md:16: "SYNTAX" can't hold text here: code only/u,
    ],
    ['without its title', '# Get-Thing\n', 'Get-Thing\n', /^thing\.md:\d: /u],
  ];
  for (const [what, part, changed, message] of wrong) {
    test(`${what} is refused with its line`, () => {
      assert.throws(() => read(part, changed), { message });
    });
  }

  const stale: readonly [string, string, string, RegExp][] = [
    ['another name', '# Get-Thing', '# Get-Things', /^thing\.md:1: .* title should be:\nGet-Thing$/u],
    [
      'another syntax',
      '[[-Name] <string[]>] [-Color',
      '[-Color',
      /^thing\.md:9: .* syntax should be:\nGet-Thing \[\[-Name\]/u,
    ],
    [
      'a parameter that is not there',
      '### -Quiet',
      '### -Silent',
      /^thing\.md:37: .* parameters should be:\nPath, Color, Name, Quiet, WhatIf, Confirm/u,
    ],
    [
      'another default value',
      'Default value: Red',
      'Default value: Blue',
      /^thing\.md:51: .* facts of -Color should be:\nType: string\n/u,
    ],
    ['another alias', 'Aliases: ThingName', 'Aliases: Thing', /^thing\.md:61: .* facts of -Name should be:/u],
    [
      'another output',
      '### System.Boolean',
      '### System.String',
      /outputs should be:\nCertProp\.Thing, System\.Boolean$/u,
    ],
  ];
  for (const [what, part, changed, message] of stale) {
    test(`that says ${what} than the script is refused with what is right`, () => {
      assert.throws(() => read(part, changed), { message });
    });
  }
});

suite('A script', () => {
  test('with a value that has to be computed is refused with its line', () => {
    const computed = script.replace("$Color = 'Red'", '$Color = (Get-Color)');
    assert.throws(() => readFacts('Get-Thing.ps1', parse(computed)), { message: /^Get-Thing\.ps1:10: / });
  });

  test('with a parameter in several sets is refused', () => {
    const twice = script.replace(
      '[ValidateSet',
      "[Parameter(ParameterSetName = 'Near')]\n[Parameter(ParameterSetName = 'Far')]\n[ValidateSet",
    );
    assert.throws(() => readFacts('Get-Thing.ps1', parse(twice)), {
      message: /at most one \[Parameter\(\)\]/u,
    });
  });
});

suite('The help file', () => {
  const hostile = `<a href="x">&amp; 'b' "c" \`d\` ]]> <!-- é \u{1F600} $(rm) %PATH%`;
  const asCode = `\`\` ${hostile} \`\``;

  test('keeps hostile characters everywhere, in ASCII', () => {
    const changes: readonly (readonly [string, string])[] = [
      ['Gets things.', asCode],
      ['Gets the things\nof `D:\\Things\\*`.', asCode],
      ['Get-Thing |\n    Format-List', hostile],
      ['### All things', `### ${asCode}`],
      ['Gets all things.', asCode],
      ['Their names.', asCode],
      ['One for each.', asCode],
    ];
    const text = changes.reduce((before, [part, changed]) => before.replace(part, () => changed), page);
    const xml = helpFile([{ page: readPage('thing.md', text), facts }]);
    assert.match(xml, /^[\n\x20-\x7e]*$/u);
    assert.equal(textsOf(xml, 'maml:para').filter((para) => para === hostile).length, 5);
    assert.deepEqual(textsOf(xml, 'dev:code'), [hostile]);
    assert.deepEqual(textsOf(xml, 'maml:title'), [`-------- Example 1: ${hostile} --------`]);
  });

  test('shows the facts of the script', () => {
    const xml = helpFile([{ page: read(), facts }]);
    const [parameters] = elementsOf(xml, 'command:parameters');
    const shown = elements(parameters ?? assert.fail()).filter(({ name }) => name === 'command:parameter');
    assert.deepEqual(
      shown.slice(0, 3).map(({ attributes }) => ({ ...attributes })),
      [
        { required: 'true', globbing: 'false', pipelineInput: 'False', position: 'named', aliases: 'none' },
        { required: 'false', globbing: 'false', pipelineInput: 'False', position: 'named', aliases: 'none' },
        {
          ...{ required: 'false', globbing: 'true', pipelineInput: 'True (ByPropertyName)', position: '0' },
          aliases: 'ThingName',
        },
      ],
    );
    assert.deepEqual(textsOf(xml, 'dev:defaultValue'), ['None', 'Red', 'None', 'False', 'False', 'False']);
  });
});

const cmdlets = await readCmdlets();

suite('The help of the module', () => {
  const scripts = sourceFiles('module/public', /\.ps1$/u);

  test('is there for each public cmdlet', () => {
    const named = scripts.map((file) => file.replace(/^module\/public\/|\.ps1$/gu, ''));
    assert.deepEqual(
      cmdlets.map((cmdlet) => cmdlet.page.name),
      named,
    );
    assert.deepEqual(textsOf(helpFile(cmdlets), 'command:name'), named);
  });

  test('is named by each script, and written nowhere else', () => {
    for (const file of scripts) {
      const text = readFileSync(join(root, file), 'utf8');
      assert.match(text, /^function [\w-]+ \{\n {4}# \.EXTERNALHELP \.\.\/CertProp-help\.xml\n/u, file);
      assert.doesNotMatch(text, /\.SYNOPSIS/u, file);
    }
  });

  test('links to files that exist', () => {
    for (const {
      page: { file },
    } of cmdlets) {
      const text = readFileSync(join(root, file), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\((?<target>[^)]+)\)/gu)) {
        assert.ok(existsSync(join(root, 'docs', 'cmdlets', target)), `${file}: ${target}`);
      }
    }
  });
});
