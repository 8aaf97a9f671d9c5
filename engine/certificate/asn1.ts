import type * as Asn1js from 'asn1js';

/**
 * The parts of a SEQUENCE, SET or constructed tag.
 * @throws TypeError for what has none
 */
export function children(asn1js: typeof Asn1js, node: Asn1js.AsnType): readonly Asn1js.AsnType[] {
  if (node instanceof asn1js.Constructed) return node.valueBlock.value;
  throw new TypeError('constructed element expected');
}

/** The text of a string type (BMPString, UTF8String, PrintableString, …); null for any other type. Outside text. */
export function textOf(node: Asn1js.AsnType): string | null {
  const content: unknown = Reflect.get(node.valueBlock, 'value');
  return typeof content === 'string' ? content : null;
}
