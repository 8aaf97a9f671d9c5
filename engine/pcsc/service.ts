/** What it means that the system's smart card service doesn't answer. */
import * as codes from './return-codes.js';
import type { Winscard } from './winscard.js';

/** The code says that there are no readers, as does the absence of a service that stops with the last one. */
export async function isWithoutReaders(winscard: Winscard, code: number): Promise<boolean> {
  if (code === codes.noReadersAvailable) return true;
  if (!winscard.platform.serviceFollowsReaders || !codes.isWithoutService(code)) return false;
  return !(await winscard.isServiceDisabled());
}
