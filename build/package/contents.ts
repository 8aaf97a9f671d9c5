/** The files of a package: every one is named here, and a package that differs isn't made. */

export const platforms = ['win32-x64', 'win32-arm64', 'linux-x64', 'linux-arm64', 'darwin-arm64'] as const;

/** Node's names of operating system and architecture. */
export type Platform = (typeof platforms)[number];

const top = [
  'CertProp.format.ps1xml',
  'CertProp.psd1',
  'CertProp.psm1',
  'CertProp.types.ps1xml',
  'LICENSE',
  'en-US/CertProp-help.xml',
  'en-US/about_CertProp.help.txt',
  'en-US/about_CertProp_Troubleshooting.help.txt',
];

const privateScripts = [
  'CardChange',
  'CardCounter',
  'Diagnosis',
  'EngineChannel',
  'EngineEnvironment',
  'EngineFailure',
  'EngineProcess',
  'EngineRequest',
  'ErrorRecord',
  'FileTrust',
  'MessageFraming',
  'NodeLookup',
  'ObjectConversion',
  'Pin',
  'Plan',
  'PolicyCompletion',
  'Preference',
  'PropagatedStore',
  'ReaderCompletion',
  'ReportFile',
  'ReportPage',
  'ReportPlot',
  'ReportStyle',
  'ReportTally',
  'ReportText',
  'StorePath',
  'StreamEvent',
  'Thumbprint',
];

const publicScripts = [
  'Add-CardCertificate',
  'Export-CertPropReport',
  'Get-CardCacheItem',
  'Get-CardCertificate',
  'Get-CertPropPolicy',
  'Get-PropagatedCertificate',
  'Get-SmartCard',
  'Invoke-CertPropagation',
  'Remove-CardCertificate',
  'Remove-PropagatedCertificate',
  'Restore-PropagatedCertificate',
  'Set-CardCacheCounter',
  'Test-CertPropagation',
  'Watch-CertPropagation',
];

const engine = [
  'THIRD-PARTY.txt',
  'asn1js.cjs',
  'certprop.cjs',
  'engine.cjs',
  'helper.cjs',
  'pkijs.cjs',
  'node_modules/koffi/index.cjs',
  'node_modules/koffi/index.js',
  'node_modules/koffi/package.json',
  'node_modules/koffi/src/koffi/index.cjs',
  'node_modules/koffi/src/koffi/index.js',
  'node_modules/koffi/src/koffi/src/static.cjs',
  'node_modules/koffi/src/koffi/src/static.js',
];

/** koffi's library in its native package. On Linux that is the one for glibc, not the one for musl. */
function koffiLibrary(platform: Platform): string {
  return `${platform.replace('-', '_')}/koffi.node`;
}

/** What of koffi's native package is shipped. */
export function nativeKoffiFiles(platform: Platform): string[] {
  return ['index.js', koffiLibrary(platform), 'package.json'];
}

function nativeKoffiFolder(platform: Platform): string {
  return `engine/node_modules/@koromix/koffi-${platform}`;
}

/** Every file's path in a package, with slashes, sorted. */
export function packagedFiles(platform: Platform): string[] {
  return [
    ...top,
    ...privateScripts.map((name) => `private/${name}.ps1`),
    ...publicScripts.map((name) => `public/${name}.ps1`),
    ...engine.map((file) => `engine/${file}`),
    ...nativeKoffiFiles(platform).map((file) => `${nativeKoffiFolder(platform)}/${file}`),
    ...(platform.startsWith('win32') ? ['engine/node.exe'] : []),
  ].sort();
}

/** The files that PowerShell checks signatures of. */
export function filesToSign(platform: Platform): string[] {
  return packagedFiles(platform).filter((file) => /\.(?:psd1|psm1|ps1|ps1xml)$/u.test(file));
}

/** The one native library in a package; its maker doesn't sign it. */
export function nativeLibrary(platform: Platform): string {
  return `${nativeKoffiFolder(platform)}/${koffiLibrary(platform)}`;
}
