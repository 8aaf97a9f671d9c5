/** The objects that a PKCS #15 card's directories list. Each directory is read when it is first asked for, and once. */
import { CertPropError } from '../errors.js';
import type { UnreadableFile } from './card.js';
import { isObjectError } from './object-error.js';
import type { Pkcs15 } from './pkcs15-application.js';
import { endOfObjects, isFill } from './pkcs15-asn1.js';
import type { Directory, ObjectValue } from './pkcs15-directory.js';
import { readDataObject, type DataObject } from './tlv.js';

/** An object that can't be used comes with its error. */
export type Listed<T> = { readonly object: T; readonly name: string } | UnreadableFile;

/** Reads one directory. `parse` gives null for an object that doesn't matter. */
export type ListObjects = <T>(
  directory: Directory,
  parse: (object: DataObject) => T | null,
) => Promise<Listed<T>[]>;

/** More objects than fit a card; a directory of tiny ones ends here. */
const mostObjects = 256;

const objectDirectoryName = '5031';

export function objectLists({ files }: Pick<Pkcs15, 'files'>): ListObjects {
  const contents = new Map<Directory, Promise<Uint8Array>>();

  function contentOf(directory: Directory): Promise<Uint8Array> {
    const { source } = directory;
    if ('objects' in source) return Promise.resolve(source.objects);
    const { path, offset, length } = source.place;
    const known = contents.get(directory);
    const content =
      known ??
      (length === null ? files.readFile(path, endOfObjects) : files.readPlace({ path, offset, length }));
    contents.set(directory, content);
    return content;
  }

  return async (directory, parse) => {
    const name = directoryName(directory);
    try {
      return [...listed(await contentOf(directory), name, parse)];
    } catch (error) {
      return [{ fileName: name, error: spoilt(error) }];
    }
  };
}

/** The object's bytes. @throws CertPropError CardObjectNotFound, CardCommandFailed, MalformedCardData, and all that `transmit` throws */
export function readValue({ files }: Pick<Pkcs15, 'files'>, value: ObjectValue): Promise<Uint8Array> {
  return 'bytes' in value ? Promise.resolve(value.bytes) : files.readPlace(value.place);
}

/** The error that spoils one file. @throws any other */
export function spoilt(error: unknown): CertPropError {
  if (isObjectError(error)) return error;
  throw error;
}

/** Each object has its directory's name and its number there, from 0. */
function* listed<T>(
  content: Uint8Array,
  directoryName: string,
  parse: (object: DataObject) => T | null,
): Generator<Listed<T>> {
  let offset = 0;
  for (let number = 0; offset < content.length && !isFill(content[offset]); number++) {
    const name = `${directoryName}#${String(number)}`;
    if (number === mostObjects) {
      yield { fileName: name, error: tooMany() };
      return;
    }
    let entry: ReturnType<typeof readDataObject>;
    try {
      entry = readDataObject(content, offset);
    } catch (error) {
      yield { fileName: name, error: spoilt(error) };
      return;
    }
    offset = entry.end;
    yield* parsed(entry.object, name, parse);
  }
}

function parsed<T>(object: DataObject, name: string, parse: (object: DataObject) => T | null): Listed<T>[] {
  try {
    const result = parse(object);
    return result === null ? [] : [{ object: result, name }];
  } catch (error) {
    return [{ fileName: name, error: spoilt(error) }];
  }
}

function directoryName({ source }: Directory): string {
  return 'place' in source ? source.place.path : objectDirectoryName;
}

function tooMany(): CertPropError {
  return new CertPropError(
    'MalformedCardData',
    `A directory of the card lists over ${String(mostObjects)} objects.`,
  );
}
