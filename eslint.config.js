import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const nodeTests = {
  from: 'package',
  package: 'node:test',
  name: ['test', 'it', 'describe', 'suite', 'before', 'after', 'beforeEach', 'afterEach'],
};

export default tseslint.config(
  { ignores: ['out/', 'dist/', 'module/', 'node_modules/'] },
  {
    files: ['**/*.ts'],
    extends: [
      eslint.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
    ],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // `typeof import('koffi')` is how a package that is imported late is named.
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Spreading a string gives its code points, which is what is meant.
      '@typescript-eslint/no-misused-spread': [
        'error',
        { allow: [{ from: 'lib', name: 'string' }, 'string'] },
      ],
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [nodeTests] }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union of strings or a constant object.' },
        {
          selector: "MemberExpression[object.type='MetaProperty'][property.name='url']",
          message: 'The engine is bundled as CommonJS, which has no import.meta.url.',
        },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      // tsc's noFallthroughCasesInSwitch does this and knows the types.
      'no-fallthrough': 'off',
      eqeqeq: 'error',
    },
  },
  {
    files: ['engine/**/*.ts'],
    // Standard output carries the protocol and nothing else.
    rules: { 'no-console': 'error' },
  },
  {
    files: ['tests/**/*.ts', 'build/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union of strings or a constant object.' },
      ],
    },
  },
  {
    // Must start on any Node, however old, to be able to refuse it.
    files: ['build/launcher/*.cjs'],
    extends: [eslint.configs.recommended],
    languageOptions: {
      ecmaVersion: 5,
      sourceType: 'script',
      globals: { process: 'readonly', require: 'readonly' },
    },
  },
);
