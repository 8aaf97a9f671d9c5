/** The moments at which the soak kills the engine: before and after each write to the stores of a profile. */

export type StoreName = 'My' | 'SmartCardRoot';

export const storeNames: readonly StoreName[] = ['My', 'SmartCardRoot'];

/** `before rename My`, `after unlink SmartCardRoot`, … */
export type Hook = `${'before' | 'after'} ${string}`;

/** Relative to the profile; the profile's own folder is its store path. */
const folders = [
  'profile',
  'SystemCertificates',
  ...storeNames.flatMap((store) => [
    `SystemCertificates/${store}`,
    `SystemCertificates/${store}/Certificates`,
  ]),
];

/** A stray is removed right after the write whose interruption leaves one. */
const elementWrites = ['open', 'unlink stray', 'write', 'sync', 'rename', 'sync after rename'];
const removalWrites = ['unlink', 'sync after unlink'];

/**
 * The stores out of which certificates are taken when their card is removed.
 * @param personalGo whether personal ones are, as roots are in any case
 */
export function cleanedStores(personalGo: boolean): readonly StoreName[] {
  return personalGo ? storeNames : ['SmartCardRoot'];
}

/**
 * All hooks of a profile's life, in an order in which each can be hit: folders are made once, one after the other, and a stray is there
 * when the engine was killed at the hook before.
 */
export function hooksOf(cleaned: readonly StoreName[]): readonly Hook[] {
  const writes = [
    ...folders.map((folder) => `mkdir ${folder}`),
    ...storeNames.flatMap((store) => elementWrites.map((write) => `${write} ${store}`)),
    ...cleaned.flatMap((store) => removalWrites.map((write) => `${write} ${store}`)),
  ];
  return writes.flatMap((write): Hook[] => [`before ${write}`, `after ${write}`]);
}

/** Whether this write comes with every card, not only once in the life of a profile or of a stray. */
export function isRecurring(hook: Hook): boolean {
  return !hook.includes('mkdir') && !hook.includes('stray');
}
