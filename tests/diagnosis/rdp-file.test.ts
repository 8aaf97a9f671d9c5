import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parseRdpFile } from '../../engine/diagnosis/rdp-file.js';
import { readRdpFile } from '../../engine/machine/rdp-file.js';

const text = (content: string, encoding: 'utf8' | 'utf16le' = 'utf8') =>
  parseRdpFile(Buffer.from(content, encoding));

describe('what an .rdp file says of smart cards', () => {
  test('in UTF-16 of either order, and in UTF-8 with and without a mark', () => {
    const off = 'screen mode id:i:2\r\nredirectsmartcards:i:0\r\n';
    assert.equal(text(`\ufeff${off}`, 'utf16le').redirectsSmartCards, false);
    const swapped = Buffer.from(`\ufeff${off}`, 'utf16le').swap16();
    assert.equal(parseRdpFile(swapped).redirectsSmartCards, false);
    assert.equal(text(`\ufeff${off}`).redirectsSmartCards, false);
    assert.equal(text(off).redirectsSmartCards, false);
  });

  test('names have no case, and any number but 0 is on', () => {
    assert.equal(text('REDIRECTSmartCards:I:0').redirectsSmartCards, false);
    assert.equal(text('redirectsmartcards:i:2').redirectsSmartCards, true);
  });

  test('the last of several settings counts; all are told', () => {
    const { redirectsSmartCards, settings } = text('redirectsmartcards:i:1\nredirectsmartcards:i:0\n');
    assert.deepEqual([redirectsSmartCards, settings], [false, ['1', '0']]);
  });

  test('smart cards are redirected where nothing is said, or nothing that can be understood', () => {
    for (const content of [
      '',
      'full address:s:server',
      'redirectsmartcards:s:0',
      'xredirectsmartcards:i:0',
      '\0\u00ff',
    ])
      assert.deepEqual(text(content), { redirectsSmartCards: true, settings: [] });
  });
});

describe('reading it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'certprop-rdp-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  test('gives its bytes; none where there is no file', async () => {
    writeFileSync(join(folder, 'a.rdp'), 'x');
    assert.deepEqual(await readRdpFile(join(folder, 'a.rdp')), Buffer.from('x'));
    assert.equal(await readRdpFile(join(folder, 'b.rdp')), null);
  });

  test('what is no file, or has more than 1 MiB, is an error', async () => {
    await assert.rejects(readRdpFile(folder), { id: 'RdpFileUnavailable' });
    writeFileSync(join(folder, 'large.rdp'), Buffer.alloc(1024 * 1024 + 1));
    await assert.rejects(readRdpFile(join(folder, 'large.rdp')), /more than 1048576 bytes/u);
    symlinkSync('/dev/zero', join(folder, 'endless.rdp'));
    await assert.rejects(readRdpFile(join(folder, 'endless.rdp')), /it is no file/u);
  });
});
