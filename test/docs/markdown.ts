/** Markdown pieces of the generated documents. */

/** A table, its columns aligned as the formatter wants them. Cells are Markdown; only what would break the row is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map(cell));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[], fill = ' ') =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width, fill)).join(' | ')} |`;
  const [titles = [], ...body] = cells;
  return [line(titles), line([], '-'), ...body.map((row) => line(row))].join('\n');
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
