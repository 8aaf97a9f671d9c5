/**
 * The rooms of the engine, and what each may import. Everything may import engine/errors.ts, engine/text.ts and engine/native/.
 * `imports` holds regular expressions of paths; a room may always import itself.
 */
const rooms = [
  {
    room: '^engine/rpc/',
    imports: [
      '^engine/(card|certificate|store|provider|policy|profiles|propagation|backup|diagnosis|machine)/',
      '^engine/pcsc/reader\\.ts$',
      '^engine/pkcs11/pkcs11\\.ts$',
    ],
  },
  {
    room: '^engine/diagnosis/',
    imports: [
      '^engine/(card|certificate|policy|propagation)/',
      '^engine/(store/property-id|machine/facts|pcsc/reader)\\.ts$',
    ],
  },
  { room: '^engine/machine/', imports: ['^engine/policy/advapi32\\.ts$'] },
  { room: '^engine/pcsc/', imports: [] },
  { room: '^engine/files/', imports: [] },
  { room: '^engine/helper/', imports: [] },
  { room: '^engine/pkcs11/', imports: ['^engine/(files|helper)/'] },
  { room: '^engine/card/', imports: ['^engine/pcsc/reader\\.ts$'] },
  { room: '^engine/certificate/', imports: [] },
  { room: '^engine/store/', imports: ['^engine/certificate/'] },
  {
    room: '^engine/profiles/',
    imports: ['^engine/(certificate|store|files)/', '^engine/propagation/wildcard\\.ts$'],
  },
  { room: '^engine/backup/', imports: ['^engine/(certificate|store|files|profiles)/'] },
  {
    room: '^engine/provider/',
    imports: [
      '^engine/(certificate|helper)/',
      '^engine/store/serialized\\.ts$',
      '^engine/pcsc/(winscard|return-codes)\\.ts$',
    ],
  },
  { room: '^engine/policy/', imports: ['^engine/files/'] },
  {
    room: '^engine/propagation/',
    imports: [
      '^engine/(card|store|policy|certificate|backup)/',
      '^engine/pcsc/reader\\.ts$',
      '^engine/pkcs11/pkcs11\\.ts$',
      '^engine/provider/(provider|card-cache)\\.ts$',
    ],
  },
  { room: '^engine/virtual/', imports: ['^engine/card/minidriver/', '^engine/pcsc/embedded\\.ts$'] },
  { room: '^engine/native/', imports: [] },
  { room: '^engine/(errors|text)\\.ts$', imports: [] },
];

const shared = '^engine/((errors|text)\\.ts$|native/)';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...rooms.map(({ room, imports }) => ({
      name: `room ${room}`,
      comment: 'This room may not import that one (docs/architecture.md, the table of rooms).',
      severity: 'error',
      from: { path: room },
      to: { path: '^engine/', pathNot: [room, shared, ...imports] },
    })),
    {
      name: 'no virtual card in the product',
      comment: 'Only the demo’s and the tests’ own entry files reach the virtual card.',
      severity: 'error',
      from: {
        path: '^(engine|build)/',
        pathNot: ['^engine/virtual/', '^engine/demo\\.ts$', '^build/demo\\.ts$'],
      },
      to: { path: '^engine/virtual/' },
    },
    {
      name: 'entry files are not imported',
      severity: 'error',
      from: { path: '^engine/' },
      to: { path: '^engine/(main|demo|helper)\\.ts$' },
    },
    {
      name: 'the engine stands alone',
      comment: 'The engine knows neither its tests nor how it is built.',
      severity: 'error',
      from: { path: '^engine/' },
      to: { path: '^(tests|build)/' },
    },
    {
      name: 'builds do not need tests',
      severity: 'error',
      from: { path: '^build/' },
      to: { path: '^tests/' },
    },
    {
      name: 'shipped code needs shipped packages',
      comment: 'What the engine imports belongs under "dependencies" in package.json.',
      severity: 'error',
      from: { path: '^engine/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'no cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    exclude: { path: '^build/launcher/' },
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
