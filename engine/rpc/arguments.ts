/** The engine's command line. */

export interface EngineArguments {
  /** `--parent <process id>`: the process to end with. */
  readonly parent: number | null;
  /** `--idle <milliseconds>`: ends after so long without a request. */
  readonly idle: number | null;
}

/** What a process id and a timer can hold: 31 bits. */
const largest = 0x7fff_ffff;

/** @throws Error with a message for a person: unknown, repeated or incomplete argument */
export function parseArguments(given: readonly string[]): EngineArguments {
  const values = new Map<string, number>();
  for (let index = 0; index < given.length; index += 2) {
    const [name = '', value = ''] = given.slice(index, index + 2);
    if (name !== '--parent' && name !== '--idle')
      throw new Error('Usage: [--parent <process id>] [--idle <milliseconds>]');
    if (values.has(name)) throw new Error(`${name} is given twice.`);
    values.set(name, positiveInteger(name, value));
  }
  return { parent: values.get('--parent') ?? null, idle: values.get('--idle') ?? null };
}

function positiveInteger(name: string, value: string): number {
  const number = /^[1-9][0-9]{0,9}$/.test(value) ? Number(value) : 0;
  if (number === 0 || number > largest) throw new Error(`${name} needs a number from 1 to ${largest}.`);
  return number;
}
