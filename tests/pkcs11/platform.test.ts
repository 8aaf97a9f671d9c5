import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import * as koffi from 'koffi';
import {
  attributeStructure,
  functionListStructure,
  type Pkcs11Platform,
  pkcs11Platform,
  slotInfoStructure,
  tokenInfoStructure,
} from '../../engine/pkcs11/platform.js';
import { compile, skipWithoutCompiler } from './modules.js';

function sizes(platform: Pkcs11Platform) {
  return {
    slotInfo: koffi.sizeof(slotInfoStructure(koffi, platform)),
    tokenInfo: koffi.sizeof(tokenInfoStructure(koffi, platform)),
    attribute: koffi.sizeof(attributeStructure(koffi, platform)),
    firstFunction: koffi.offsetof(functionListStructure(koffi, platform, 29), 'functions'),
  };
}

// Attributes and function lists hold pointers, which have this process's size, 8 bytes, in all of these.
test('Windows: CK_ULONG has 32 bits, and structures are packed', () => {
  const expected = { slotInfo: 104, tokenInfo: 160, attribute: 16, firstFunction: 2 };
  assert.deepEqual(sizes(pkcs11Platform('win32', 'x64')), expected);
  assert.deepEqual(pkcs11Platform('win32', 'arm64'), pkcs11Platform('win32', 'x64'));
  assert.deepEqual(pkcs11Platform('win32', 'ia32'), pkcs11Platform('win32', 'x64'));
});

test('64-bit Unix: CK_ULONG has 64 bits, and structures are aligned', () => {
  const expected = { slotInfo: 112, tokenInfo: 208, attribute: 24, firstFunction: 8 };
  assert.deepEqual(sizes(pkcs11Platform('linux', 'x64')), expected);
  assert.deepEqual(pkcs11Platform('linux', 'arm64'), pkcs11Platform('linux', 'x64'));
  assert.deepEqual(pkcs11Platform('darwin', 'arm64'), pkcs11Platform('linux', 'x64'));
});

test('32-bit Unix: CK_ULONG has 32 bits, and structures are aligned', () => {
  const { slotInfo, tokenInfo } = sizes(pkcs11Platform('linux', 'arm'));
  assert.deepEqual({ slotInfo, tokenInfo }, { slotInfo: 104, tokenInfo: 160 });
  assert.deepEqual(pkcs11Platform('linux', 'ia32'), { ulong: 'uint32', packed: false });
});

describe('the sizes are those that a C compiler finds', { skip: skipWithoutCompiler() }, () => {
  const layouts = {
    'for this system': ['', pkcs11Platform(process.platform, process.arch)],
    'for Windows': [
      '#define long int\n#define _WIN32\n#define __declspec(x)\n',
      pkcs11Platform('win32', process.arch),
    ],
  } as const;
  for (const [where, [before, platform]] of Object.entries(layouts)) {
    test(where, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'sizes-'));
      const program = join(folder, 'sizes');
      const list = 'offsetof(function_list_t, functions)';
      const values = `sizeof(slot_info_t), sizeof(token_info_t), sizeof(attribute_t), ${list}`;
      const source = `#include <stddef.h>\n#include <stdio.h>\n${before}#include "module.h"\nint main(void) { printf("%zu %zu %zu %zu", ${values}); }\n`;
      await writeFile(`${program}.c`, source);
      compile(['-I.', '-o', program, `${program}.c`]);
      const printed = spawnSync(program).stdout.toString().split(' ').map(Number);
      assert.deepEqual(Object.values(sizes(platform)), printed);
      await rm(folder, { recursive: true });
    });
  }
});
