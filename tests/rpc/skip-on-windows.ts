/** The fixture engine blocks a thread through libc, and signals are POSIX. */
export const skipOnWindows: string | false =
  process.platform === 'win32' ? 'the fixture engine needs a POSIX system' : false;
