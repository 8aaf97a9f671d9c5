/** Commands, parameters and values that came after Windows PowerShell 5.1, as far as a module like this one might use them. */

/** By command in lower case. Source: the "What's New" pages of PowerShell 6.0 to 7.5 and each cmdlet's help. */
export const newerParameters: Readonly<Record<string, readonly string[]>> = {
  'add-content': ['AsByteStream'],
  'convertfrom-json': ['AsHashtable', 'Depth', 'NoEnumerate', 'DateKind'],
  'convertfrom-securestring': ['AsPlainText'],
  'convertto-csv': ['IncludeTypeInformation', 'QuoteFields', 'UseQuotes', 'NoHeader'],
  'convertto-json': ['AsArray', 'EnumsAsStrings', 'EscapeHandling'],
  'export-csv': ['IncludeTypeInformation', 'QuoteFields', 'UseQuotes', 'NoHeader'],
  'foreach-object': ['Parallel', 'ThrottleLimit', 'TimeoutSeconds', 'AsJob', 'UseNewRunspace'],
  'get-childitem': ['FollowSymlink'],
  'get-content': ['AsByteStream'],
  'get-date': ['AsUTC', 'UnixTimeSeconds'],
  'get-module': ['SkipEditionCheck'],
  'get-random': ['Shuffle'],
  'import-module': ['SkipEditionCheck', 'UseWindowsPowerShell'],
  'import-powershelldatafile': ['SkipLimitCheck'],
  'invoke-restmethod': ['SkipCertificateCheck', 'Authentication', 'Token', 'Form', 'StatusCodeVariable'],
  'invoke-webrequest': ['SkipCertificateCheck', 'Authentication', 'Token', 'Form', 'SkipHttpErrorCheck'],
  'join-path': ['AdditionalChildPath', 'Extension'],
  'new-guid': ['Empty', 'InputObject'],
  'read-host': ['MaskInput'],
  'select-object': ['CaseInsensitive'],
  'select-string': ['Culture', 'NoEmphasis', 'Raw'],
  'set-content': ['AsByteStream'],
  'sort-object': ['Bottom', 'Stable', 'Top'],
  'split-path': ['Extension', 'LeafBase'],
  'start-process': ['Environment'],
  'start-sleep': ['Duration'],
  'test-connection': ['Ping', 'TargetName', 'TcpPort', 'Traceroute'],
};

export const newerCommands: readonly string[] = [
  'get-error',
  'get-securerandom',
  'get-uptime',
  'join-string',
  'remove-alias',
  'remove-service',
  'show-markdown',
  'convertfrom-markdown',
  'convertto-clixml',
  'convertfrom-clixml',
  'start-threadjob',
  'switch-process',
  'test-json',
];

export const newerVariables: readonly string[] = [
  '$iswindows',
  '$islinux',
  '$ismacos',
  '$iscoreclr',
  '$psstyle',
  '$psnativecommandargumentpassing',
  '$psnativecommanduseerroractionpreference',
];

export const newerEncodings: readonly string[] = ['utf8bom', 'utf8nobom', 'ansi'];
