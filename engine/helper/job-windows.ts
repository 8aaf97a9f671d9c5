/** Windows has no process groups to end: a job object ends the helper's children with it. */

/** winnt.h. */
const JobObjectExtendedLimitInformation = 9;
const JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE = 0x2000;
/** JOBOBJECT_EXTENDED_LIMIT_INFORMATION: LimitFlags follows two 64-bit times; the size depends on the pointers'. */
const limitFlagsOffset = 16;
const limitsSize = process.arch === 'ia32' ? 112 : 144;

/**
 * Puts this process and all children to come into a new job whose only handle is this process's own: Windows closes it at the process's
 * end, whatever the reason, and ends who else is in the job.
 */
export async function joinOwnJob(): Promise<void> {
  const koffi = await import('koffi');
  const kernel32 = koffi.load('kernel32.dll');
  const job = call(
    kernel32.func('void *__stdcall CreateJobObjectW(void *attributes, void *name)'),
    null,
    null,
  );
  const limits = Buffer.alloc(limitsSize);
  limits.writeUInt32LE(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, limitFlagsOffset);
  call(
    kernel32.func('int __stdcall SetInformationJobObject(void *job, int kind, void *limits, uint32_t size)'),
    job,
    JobObjectExtendedLimitInformation,
    limits,
    limitsSize,
  );
  const self = call(kernel32.func('void *__stdcall GetCurrentProcess()'));
  call(kernel32.func('int __stdcall AssignProcessToJobObject(void *job, void *process)'), job, self);
}

/** Calls a function that answers zero when it fails. */
function call(native: (...values: unknown[]) => unknown, ...values: unknown[]): unknown {
  const result = native(...values);
  if (result === null || result === 0) throw new Error('Windows refused a job object');
  return result;
}
