/** As much of XML as gateways write: elements found by name, and their text. Time grows with the length alone. */

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** What stands inside each element of this name, which is not nested in itself; at most `most` of them. */
export function elementsOf(xml: string, name: string, most: number): string[] {
  const found: string[] = [];
  for (let at = 0; found.length < most; ) {
    const open = xml.indexOf(`<${name}`, at);
    if (open === -1) break;
    const next = xml[open + name.length + 1] ?? '';
    at = open + name.length + 1;
    // Another name that begins like it.
    if (next !== '>' && next.trim() !== '') continue;
    const start = xml.indexOf('>', open) + 1;
    const end = xml.indexOf(`</${name}>`, start);
    if (start === 0 || end === -1) break;
    found.push(xml.slice(start, end));
    at = end;
  }
  return found;
}

/** The text of the first element of this name. */
export function textOf(xml: string, name: string): string | null {
  const [text] = elementsOf(xml, name, 1);
  return text === undefined
    ? null
    : text.replaceAll(/&(\w{1,4});/g, (whole, entity) => ENTITIES[entity] ?? whole).trim();
}
