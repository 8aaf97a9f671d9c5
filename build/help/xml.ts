/** Elements of XML as text, in ASCII whatever they hold. */

declare const marked: unique symbol;
export type Xml = string & { readonly [marked]: true };

export type Attributes = Readonly<Record<string, string | boolean>>;

const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(text: string): string {
  return text.replace(
    /[&<>"]|[^\n\x20-\x7e]/gu,
    (character) => names[character] ?? `&#x${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()};`,
  );
}

export function text(value: string): Xml {
  return escape(value) as Xml;
}

export function element(name: string, attributes: Attributes, ...content: readonly Xml[]): Xml {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(String(value))}"`);
  return `<${name}${given.join('')}>${content.join('')}</${name}>` as Xml;
}
