/** Markdown pieces of the generated documents. */

/** A table. Cells are Markdown; only what would break the row is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/**
 * A document with what stands between `<!-- generated:NAME -->` and `<!-- /generated:NAME -->` replaced by that part.
 *
 * @throws {Error} where the document has an opening mark without its end, or one whose name has no part
 */
export function fillIn(document: string, parts: ReadonlyMap<string, string>): string {
  const opened = [...document.matchAll(/<!-- generated:([\w-]+) -->/g)].map(([, name = '']) => name);
  return opened.reduce((text, name) => {
    const [open, close] = [`<!-- generated:${name} -->`, `<!-- /generated:${name} -->`];
    const start = text.indexOf(open) + open.length;
    const end = text.indexOf(close, start);
    const part = parts.get(name);
    if (part === undefined) throw new Error(`${open}: there is no generated part of this name`);
    if (end === -1) throw new Error(`${open}: the closing mark ${close} is missing`);
    return `${text.slice(0, start)}\n${part}\n${text.slice(end)}`;
  }, document);
}
