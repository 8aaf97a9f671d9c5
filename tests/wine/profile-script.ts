/**
 * Run by node.exe under Wine: carries out ProfileRequests (argument 1: their file), one after the other, and writes the answers to each
 * (argument 2).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openProfileStore } from '../../engine/profiles/open-store.js';
import { profileStore } from '../../engine/store/profile.js';
import { perform, type ProfileAnswer, type ProfileOperation } from './profile-operations.js';

export interface ProfileRequest {
  /** The profile's root, as Windows names it. */
  readonly root: string;
  readonly operations: readonly ProfileOperation[];
}

async function answersTo({ root, operations }: ProfileRequest): Promise<ProfileAnswer[]> {
  const store = await openProfileStore({ path: root }, 'My');
  const own = profileStore(join(root, 'AppData', 'Roaming', 'Microsoft'), 'My');
  const answers: ProfileAnswer[] = [];
  for (const operation of operations) answers.push(await perform(store, own, operation));
  return answers;
}

async function main(): Promise<void> {
  const [requestsFile = '', answersFile = ''] = process.argv.slice(2);
  const requests = JSON.parse(readFileSync(requestsFile, 'utf8')) as ProfileRequest[];
  const answers: ProfileAnswer[][] = [];
  for (const request of requests) answers.push(await answersTo(request));
  writeFileSync(answersFile, JSON.stringify(answers));
}

void main();
