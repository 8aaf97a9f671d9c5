import { longestName, mostContainers } from './messages.js';
import { ProviderError } from './provider-error.js';

/** The names that a provider enumerates, each once. @throws ProviderError for too many, or one that no container has */
export function distinctNames(names: Iterable<string>): ReadonlySet<string> {
  const distinct = new Set<string>();
  let count = 0;
  for (const name of names) {
    if (++count > mostContainers) throw new ProviderError(`claims more than ${mostContainers} containers`);
    if (name === '' || name.length > longestName)
      throw new ProviderError(`names a container with ${name.length} characters`);
    distinct.add(name);
  }
  return distinct;
}

/** The reader as Windows' providers understand it in place of a container's name; with a container's, that one and no other reader's. */
export function qualified(readerName: string, container = ''): string {
  return `\\\\.\\${readerName}\\${container}`;
}
