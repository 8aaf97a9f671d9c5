/** The report that Export-CertPropReport makes, as a real browser loads and prints it. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { loadedDocument, printed, skipWithoutChromium } from '../support/chromium.js';
import { pwsh, skipWithoutPwsh } from '../support/pwsh.js';

const script = '<script>document.title = `taken over`</script>';
const escapedScript = script.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const policy = /<meta http-equiv="Content-Security-Policy"[^>]*>/u;

/** 60 expired certificates in 30 profiles; the first one's subject is the script. */
const makeReport = `
  $certificates = foreach ($number in 0..59) {
    $subject = "CN=Person $number"
    if ($number -eq 0) { $subject = $env:TEST_SUBJECT }
    [pscustomobject]@{
      PSTypeName = 'CertProp.PropagatedCertificate'; Thumbprint = 'A' * 40; Subject = $subject; Upn = $null
      NotBefore = [datetime]::Now.AddDays(-100 * $number); NotAfter = [datetime]::Now.AddDays(-1); PropagatedAt = $null
      LinkState = 'Linked'; IsOnCard = $true; IsExpired = $true; IsForeignUser = $false; ReaderName = $null; CardId = 'A1'
      StoreName = 'My'; StorePath = $null; StoreLocation = $null; ProfilePath = "C:\\Users\\u$($number % 30)"; ProfileUser = $null
    }
  }
  $certificates | Export-CertPropReport -Path $env:TEST_REPORT -ErrorAction Stop`;

function count(text: string, part: RegExp): number {
  return [...text.matchAll(part)].length;
}

function titleOf(document: string): string {
  return /<title>(.*?)<\/title>/su.exec(document)?.[1] ?? '';
}

function rowsOf(document: string, table: string): number {
  const body = new RegExp(`<table id="${table}">.*?<tbody>(.*?)</tbody>`, 'su').exec(document)?.[1] ?? '';
  return count(body, /<tr>/gu);
}

describe('a report in Chromium', { skip: skipWithoutPwsh() || skipWithoutChromium() }, () => {
  let folder: string;
  let report: string;
  let html: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certprop-report-'));
    report = join(folder, 'report.html');
    const env = { ...process.env, TEST_REPORT: report, TEST_SUBJECT: script };
    const { exitCode, stderr } = await pwsh(makeReport, env);
    assert.equal(exitCode, 0, stderr);
    html = await readFile(report, 'utf8');
  });
  after(() => rm(folder, { recursive: true }));

  /** The title of a changed report after it was loaded. */
  async function titleWhenLoaded(changed: string): Promise<string> {
    const file = join(folder, 'changed.html');
    await writeFile(file, changed);
    return titleOf(await loadedDocument(file));
  }

  test('shows its tables and plots, and the script in a subject as text', async () => {
    const document = await loadedDocument(report);
    assert.equal(rowsOf(document, 'profiles'), 30);
    assert.equal(rowsOf(document, 'cards'), 1);
    assert.equal(rowsOf(document, 'certificates'), 60);
    assert.equal(count(document, /<svg /gu), 2);
    assert.equal(count(document, /<g class="bar">/gu), 20 + 8);
    assert.ok(document.includes(`<td>${escapedScript}</td>`));
    assert.equal(count(document, /<script/giu), 0);
    assert.match(titleOf(document), /^Smart card certificates in profiles, \d{4}-\d\d-\d\d$/u);
  });

  test('runs no script even where one has become an element: its policy forbids it', async () => {
    const unescaped = html.replace(escapedScript, script);
    assert.notEqual(unescaped, html);
    assert.equal(await titleWhenLoaded(unescaped), titleOf(html));
    assert.equal(await titleWhenLoaded(unescaped.replace(policy, '')), 'taken over');
  });

  test('prints on several pages', async () => {
    const pdf = (await printed(report)).toString('latin1');
    assert.ok(pdf.startsWith('%PDF-'));
    assert.ok(count(pdf, /\/Type \/Page\b/gu) > 1);
  });
});
