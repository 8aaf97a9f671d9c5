/** The rows of docs/troubleshooting.md. */
import type { Finding } from '../../engine/diagnosis/finding.js';
import type { Fault } from './faults/faults.js';

/** @param folder where the faulty set-up lies */
export function rowOf({ symptom, name }: Fault, finding: Finding, folder: string): string {
  const said = general(finding.finding, folder);
  return `| ${symptom} | ${name} | \`${finding.name}\`: ${said} | ${general(finding.remedy ?? '', folder)} |`;
}

/** What differs each time is left out. */
function general(text: string, folder: string): string {
  return text
    .replaceAll(folder, '…')
    .replaceAll(/\b[0-9A-F]{40}\b/gu, '…')
    .replaceAll(/\b\d{4}-\d\d-\d\d\b/gu, '…')
    .replaceAll(/\b\d+ bytes\b/gu, '… bytes')
    .replaceAll('|', '\\|')
    .replaceAll('<', '\\<');
}
