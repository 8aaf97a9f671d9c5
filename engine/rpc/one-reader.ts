import type { World } from './world.js';

/** The world as if it had one reader only. */
export function withOneReader(world: World, readerName: string): World {
  const { readers, readPkcs11 } = world;
  return {
    ...world,
    readers: {
      ...readers,
      list: async () => (await readers.list()).filter((reader) => reader.readerName === readerName),
    },
    async readPkcs11(modulePath, signal) {
      const { tokens, failure } = await readPkcs11(modulePath, signal);
      return { tokens: tokens.filter(({ slotDescription }) => slotDescription === readerName), failure };
    },
  };
}
