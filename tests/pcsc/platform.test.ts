import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as koffi from 'koffi';
import { ioRequestStructure, pcscPlatform, readerStateStructure } from '../../engine/pcsc/platform.js';

const wideOnly = process.arch === 'x64' || process.arch === 'arm64' ? false : 'needs a 64-bit machine';

const layouts = [
  {
    name: 'Windows',
    platform: pcscPlatform('win32', 'x64'),
    state: { size: 64, dwCurrentState: 16, dwEventState: 20, cbAtr: 24, rgbAtr: 28 },
    ioRequest: { size: 8, cbPciLength: 4 },
    handle: 8,
  },
  {
    name: 'Linux',
    platform: pcscPlatform('linux', 'x64'),
    state: { size: 80, dwCurrentState: 16, dwEventState: 24, cbAtr: 32, rgbAtr: 40 },
    ioRequest: { size: 16, cbPciLength: 8 },
    handle: 8,
  },
  {
    name: 'macOS',
    platform: pcscPlatform('darwin', 'arm64'),
    state: { size: 61, dwCurrentState: 16, dwEventState: 20, cbAtr: 24, rgbAtr: 28 },
    ioRequest: { size: 8, cbPciLength: 4 },
    handle: 4,
  },
];

for (const { name, platform, state, ioRequest, handle } of layouts) {
  test(`SCARD_READERSTATE has the layout of ${name}`, { skip: wideOnly }, () => {
    const type = readerStateStructure(koffi, platform);
    const { size, ...offsets } = state;
    assert.equal(koffi.sizeof(type), size);
    assert.equal(koffi.offsetof(type, 'szReader'), 0);
    assert.equal(koffi.offsetof(type, 'pvUserData'), 8);
    for (const [member, offset] of Object.entries(offsets)) {
      assert.equal(koffi.offsetof(type, member), offset, member);
    }
  });

  test(`SCARD_IO_REQUEST and the handles have the sizes of ${name}`, () => {
    const type = ioRequestStructure(koffi, platform);
    assert.equal(koffi.sizeof(type), ioRequest.size);
    assert.equal(koffi.offsetof(type, 'cbPciLength'), ioRequest.cbPciLength);
    assert.equal(koffi.sizeof(platform.handle), handle);
  });
}

test('32-bit Linux and Windows have 32-bit handles, and Linux 32-bit DWORDs', () => {
  const linux = pcscPlatform('linux', 'arm');
  assert.deepEqual([linux.dword, linux.long, linux.handle], ['uint32', 'int32', 'int32']);
  assert.equal(pcscPlatform('win32', 'ia32').handle, 'uint32');
});

test('Windows takes UTF-16 names', () => {
  const windows = pcscPlatform('win32', 'x64');
  assert.deepEqual([windows.text, windows.encoding, windows.textSuffix], ['str16', 'utf16le', 'W']);
});
