/** A machine's context as text for a person: JSON as far as it is data, names for what is not, and an end to it. Pure. */

/** A room of a hundred is in one context; what a person reads of it is its begin. In characters. */
const MAX_TEXT = 12_000;
const MAX_DEPTH = 8;
/** Of one list. */
const MAX_ITEMS = 64;
const MAX_STRING = 512;
const INDENT = 2;

/** @returns null for what is not there */
export function contextText(context: unknown): string | null {
  if (context === undefined) return null;
  const text = JSON.stringify(plain(context, 0), undefined, INDENT);
  const visible = text.replaceAll(/[^\x20-\x7e\n]/g, escaped);
  return visible.length <= MAX_TEXT ? visible : `${visible.slice(0, MAX_TEXT)}\n(cut here)`;
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.slice(0, MAX_STRING);
  if (typeof value === 'bigint') return `${value}`;
  if (typeof value === 'number') return Number.isFinite(value) ? value : `${value}`;
  if (typeof value === 'function') return '(function)';
  if (typeof value !== 'object' || value === null) return value;
  if (isActor(value)) return `(actor ${value.id.slice(0, MAX_STRING)})`;
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  if (depth >= MAX_DEPTH) return '(deeper)';
  if (value instanceof Map) return ofEntries([...value], depth);
  if (value instanceof Set || Array.isArray(value)) return ofItems([...value], depth);
  return ofEntries(Object.entries(value), depth);
}

function ofItems(items: readonly unknown[], depth: number): unknown[] {
  const shown = items.slice(0, MAX_ITEMS).map((item) => plain(item, depth + 1));
  return items.length > MAX_ITEMS ? [...shown, `(${items.length - MAX_ITEMS} more)`] : shown;
}

function ofEntries(entries: readonly (readonly [unknown, unknown])[], depth: number): Record<string, unknown> {
  const shown = entries.slice(0, MAX_ITEMS).map(([key, value]) => [String(key), plain(value, depth + 1)]);
  if (entries.length > MAX_ITEMS) shown.push(['(more)', entries.length - MAX_ITEMS]);
  return Object.fromEntries(shown);
}

function isActor(value: object): value is { readonly id: string } {
  return 'sessionId' in value && 'send' in value && 'id' in value && typeof value.id === 'string';
}

/** As in JSON. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
