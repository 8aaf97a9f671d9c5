import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsFile } from '../../engine/files/settings-file.js';

test('settings for all users of a machine lie in the system’s folder', () => {
  assert.equal(settingsFile('config.json', 'linux', {}), '/etc/certprop/config.json');
  assert.equal(settingsFile('policy.json', 'linux', {}), '/etc/certprop/policy.json');
  assert.equal(
    settingsFile('config.json', 'darwin', {}),
    '/Library/Application Support/CertProp/config.json',
  );
  assert.equal(
    settingsFile('config.json', 'win32', { ProgramData: 'D:\\ProgramData' }),
    'D:\\ProgramData\\CertProp\\config.json',
  );
  assert.equal(settingsFile('config.json', 'win32', {}), 'C:\\ProgramData\\CertProp\\config.json');
});
