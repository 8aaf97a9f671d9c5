/** What Windows' file functions answer, as Node's own file errors: storeError words those. */

/** [MS-ERREF] 2.3.1. */
export const ntStatus = {
  success: 0,
  oplockBreakInProgress: 0x0000_0108,
  noMoreFiles: 0x8000_0006,
  notImplemented: 0xc000_0002,
  invalidInfoClass: 0xc000_0003,
  invalidParameter: 0xc000_000d,
  noSuchFile: 0xc000_000f,
  endOfFile: 0xc000_0011,
  accessDenied: 0xc000_0022,
  nameInvalid: 0xc000_0033,
  nameNotFound: 0xc000_0034,
  nameCollision: 0xc000_0035,
  pathNotFound: 0xc000_003a,
  pathSyntaxBad: 0xc000_003b,
  sharingViolation: 0xc000_0043,
  quotaExceeded: 0xc000_0044,
  lockConflict: 0xc000_0054,
  deletePending: 0xc000_0056,
  invalidOwner: 0xc000_005a,
  privilegeNotHeld: 0xc000_0061,
  diskFull: 0xc000_007f,
  mediaWriteProtected: 0xc000_00a2,
  fileIsFolder: 0xc000_00ba,
  notSupported: 0xc000_00bb,
  badNetworkPath: 0xc000_00be,
  badNetworkName: 0xc000_00cc,
  notAFolder: 0xc000_0103,
  cannotDelete: 0xc000_0121,
} as const;

const codes: ReadonlyMap<number, string> = new Map([
  [ntStatus.noSuchFile, 'ENOENT'],
  [ntStatus.nameInvalid, 'ENOENT'],
  [ntStatus.nameNotFound, 'ENOENT'],
  [ntStatus.pathNotFound, 'ENOENT'],
  [ntStatus.pathSyntaxBad, 'ENOENT'],
  [ntStatus.badNetworkPath, 'ENOENT'],
  [ntStatus.badNetworkName, 'ENOENT'],
  [ntStatus.notAFolder, 'ENOTDIR'],
  [ntStatus.fileIsFolder, 'EISDIR'],
  [ntStatus.nameCollision, 'EEXIST'],
  [ntStatus.accessDenied, 'EACCES'],
  [ntStatus.privilegeNotHeld, 'EACCES'],
  [ntStatus.invalidOwner, 'EACCES'],
  [ntStatus.cannotDelete, 'EACCES'],
  [ntStatus.sharingViolation, 'EBUSY'],
  [ntStatus.lockConflict, 'EBUSY'],
  [ntStatus.deletePending, 'EBUSY'],
  [ntStatus.oplockBreakInProgress, 'EBUSY'],
  [ntStatus.diskFull, 'ENOSPC'],
  [ntStatus.quotaExceeded, 'ENOSPC'],
  [ntStatus.mediaWriteProtected, 'EROFS'],
]);

/** Nothing has the name, or what has it is on its way out. */
export function isMissing(status: number): boolean {
  return status === ntStatus.deletePending || codes.get(status) === 'ENOENT';
}

/** An error with a `code` as Node's own: ENOENT, EACCES, … */
export function statusError(status: number): Error {
  const code = codes.get(status) ?? `NTSTATUS 0x${status.toString(16).toUpperCase().padStart(8, '0')}`;
  return Object.assign(new Error(`Windows answers ${code}`), { code });
}

/** @throws Error as of statusError; for what is neither done nor about to be */
export function requireSuccess(status: number): void {
  if (status !== ntStatus.success) throw statusError(status);
}
