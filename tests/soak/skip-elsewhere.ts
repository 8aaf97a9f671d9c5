/** The writes to a folder's store are others on Windows, and memory is read from proc(5). */
export const skipElsewhere: string | false = process.platform === 'linux' ? false : 'the soak needs Linux';
