/** The parts of header values (RFC 3261 section 25): quoted texts, lists and parameters. All of it bounded. */

/** More values of one header, or parameters of one value, than any program writes. */
const MAX_PARTS = 128;

export const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

/** Names in lower case; one without a value has the value ''. */
export type Parameters = ReadonlyMap<string, string>;

/** The pieces between `separator`s that stand neither in quotes nor in angle brackets; undefined: one of those is not closed. */
export function splitOutside(text: string, separator: ',' | ';'): string[] | undefined {
  const parts: string[] = [];
  let [quoted, bracketed, from] = [false, false, 0];
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (quoted) {
      if (letter === '\\') at++;
      else if (letter === '"') quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === '<') bracketed = true;
    else if (letter === '>') bracketed = false;
    else if (letter === separator && !bracketed) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
      if (parts.length > MAX_PARTS) return undefined;
    }
  }
  if (quoted || bracketed) return undefined;
  return [...parts, text.slice(from).trim()];
}

/** Reads `a=1;b;c="x y"`, given between its semicolons; undefined: one is none. */
export function parametersIn(parts: readonly string[]): Parameters | undefined {
  const parameters = new Map<string, string>();
  for (const part of parts) {
    const at = part.indexOf('=');
    const name = (at < 0 ? part : part.slice(0, at)).trim().toLowerCase();
    if (!TOKEN.test(name)) return undefined;
    const value = at < 0 ? '' : part.slice(at + 1).trim();
    // A value may be a host: brackets and colons are not letters of a token.
    const unquoted = value.startsWith('"') ? unquote(value) : /^[^\s"<>,;]*$/.test(value) ? value : undefined;
    if (unquoted === undefined) return undefined;
    if (!parameters.has(name)) parameters.set(name, unquoted);
  }
  return parameters;
}

/** What stands in quotes; undefined: it is no quoted text from end to end. */
export function unquote(text: string): string | undefined {
  const inner = /^"((?:[^"\\]|\\[\s\S])*)"$/.exec(text)?.[1];
  return inner?.replaceAll(/\\([\s\S])/g, '$1');
}

export function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll(/[\r\n]/g, ' ')}"`;
}

/** A whole number within bounds, leading zeros allowed; undefined: it is none. */
export function wholeNumber(text: string, most: number): number | undefined {
  if (!/^\d{1,20}$/.test(text)) return undefined;
  const number = Number(text);
  return number <= most ? number : undefined;
}
