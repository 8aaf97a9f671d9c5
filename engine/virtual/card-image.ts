/** A virtual card's whole state as JSON, so that a card can be kept in a file. It holds the PIN and the secret key in the clear. */
import * as v from 'valibot';
import { CertPropError } from '../errors.js';
import { hex } from '../text.js';
import type { CardFile, CardKey, CardState } from './card-state.js';
import { longestObject, mostObjects } from './data-objects.js';
import { longestParameters, mostFiles } from './files.js';
import { longestTemplate } from './keys.js';

const longestImage = 4 * 1024 * 1024;

const hexBytes = (longest: number) =>
  v.pipe(
    v.string(),
    v.regex(/^(?:[0-9A-F]{2})*$/),
    v.maxLength(2 * longest),
    v.transform((text) => Uint8Array.from(Buffer.from(text, 'hex'))),
  );
/** A file identifier or a tag. */
const identifier = v.pipe(
  v.string(),
  v.regex(/^[0-9A-F]{2,6}$/),
  v.transform((text) => Number.parseInt(text, 16)),
);
const tries = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(15));

const keyShape = v.variant('kind', [
  v.strictObject({ kind: v.literal('public'), template: hexBytes(longestTemplate) }),
  v.strictObject({ kind: v.literal('secret'), value: v.pipe(hexBytes(24), v.length(24)) }),
]);
const objectShape = v.strictObject({ tag: identifier, value: hexBytes(longestObject) });
const fileShape = v.strictObject({
  file: identifier,
  parameters: hexBytes(longestParameters),
  activated: v.boolean(),
  objects: v.pipe(v.array(objectShape), v.maxLength(mostObjects)),
  key: v.nullable(keyShape),
});
const imageShape = v.strictObject({
  card: v.literal('GIDS'),
  atr: v.pipe(hexBytes(33), v.minLength(2)),
  extendedLength: v.boolean(),
  activated: v.boolean(),
  pin: v.strictObject({ value: hexBytes(16), triesLeft: tries, tryLimit: tries }),
  files: v.pipe(v.array(fileShape), v.maxLength(mostFiles)),
});

/** JSON text; the same state gives the same text. */
export function writeCardImage(state: CardState): string {
  return JSON.stringify(
    {
      card: 'GIDS',
      atr: hex(state.atr),
      extendedLength: state.extendedLength,
      activated: state.activated,
      pin: { ...state.pin, value: hex(state.pin.value) },
      files: [...state.files].map(([file, content]) => imageFile(file, content)),
    },
    null,
    2,
  );
}

/** @throws CertPropError MalformedCardData */
export function readCardImage(text: string): CardState {
  if (text.length > longestImage) throw malformed('it is longer than 4 MiB');
  const image = v.safeParse(imageShape, parseJson(text));
  if (!image.success) throw malformed(`its ${v.getDotPath(image.issues[0]) ?? 'content'} is not as expected`);
  const { atr, extendedLength, activated, pin, files } = image.output;
  return {
    atr,
    extendedLength,
    activated,
    pin,
    files: new Map(files.map((file) => [file.file, stateFile(file)])),
  };
}

function imageFile(file: number, { parameters, activated, objects, key }: CardFile): object {
  return {
    file: identifierText(file),
    parameters: hex(parameters),
    activated,
    objects: [...objects].map(([tag, value]) => ({ tag: identifierText(tag), value: hex(value) })),
    key: key && imageKey(key),
  };
}

function imageKey(key: CardKey): object {
  return key.kind === 'public'
    ? { kind: key.kind, template: hex(key.template) }
    : { kind: key.kind, value: hex(key.value) };
}

function stateFile({ parameters, activated, objects, key }: v.InferOutput<typeof fileShape>): CardFile {
  return { parameters, activated, objects: new Map(objects.map(({ tag, value }) => [tag, value])), key };
}

function identifierText(identifier: number): string {
  const digits = identifier.toString(16).toUpperCase();
  return digits.padStart(digits.length + (digits.length % 2), '0');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('it is not JSON');
  }
}

function malformed(what: string): CertPropError {
  return new CertPropError(
    'MalformedCardData',
    `The virtual card's image can't be used: ${what}. Make the card anew.`,
  );
}
