/** The reference of messages, from their schemas. */
import { z } from 'zod';
import { KINDS, MESSAGES, mediaSchema, peerIdSchema, streamSchema } from '../../machines/messages.ts';
import { table } from './markdown.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

const jsonOf = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema, { io: 'input' });

/** Shapes that several messages share are described once, and named where they occur. */
const SHAPES = [
  { name: 'stream', about: 'One RTP stream of a peer.', json: jsonOf(streamSchema) },
  { name: 'media', about: 'Where UDP datagrams go to.', json: jsonOf(mediaSchema) },
] as const;
const PEER_ID = jsonOf(peerIdSchema);

/** One section a message, and one a shape. */
export function messageReference(): string {
  const messages = KINDS.map((kind) => {
    const json = jsonOf(MESSAGES[kind]);
    return section(kind, json.description ?? '', json);
  });
  return [...messages, ...SHAPES.map(({ name, about, json }) => section(name, about, json))].join('\n\n');
}

function section(name: string, about: string, json: JsonSchema): string {
  const rows = rowsOf(json, '');
  const fields = rows.length === 0 ? 'It has no fields.' : table(['field', 'type', 'meaning'], rows);
  return [`#### ${name}`, about, fields].join('\n\n');
}

/** A row for each field, those of inner objects under their dotted names. */
function rowsOf({ properties = {}, required = [] }: JsonSchema, prefix: string): string[][] {
  return Object.entries(properties).flatMap(([key, value]) => {
    if (typeof value === 'boolean') throw new Error(`${prefix}${key}: a field that takes anything cannot be described`);
    const name = `${prefix}${key}`;
    const optional = required.includes(key) ? '' : ', may be missing';
    const { inner, suffix } = innermost(value);
    const isShape = shapeOf(inner) !== undefined;
    const nested = !isShape && inner.properties ? rowsOf(inner, `${name}${suffix}.`) : [];
    return [[`\`${name}\``, `${typeOf(value)}${optional}`, meaningOf(value) || meaningOf(inner)], ...nested];
  });
}

/** What a value says of itself. Of peer ids, the word is enough. */
function meaningOf({ pattern, description = '' }: JsonSchema): string {
  return pattern === PEER_ID.pattern ? '' : description;
}

/** What a list or a nullable field holds, and what that adds to the names of its parts. */
function innermost(json: JsonSchema): { readonly inner: JsonSchema; readonly suffix: string } {
  const { items } = json;
  if (typeof items === 'object' && !Array.isArray(items)) {
    const { inner, suffix } = innermost(items);
    return { inner, suffix: `[]${suffix}` };
  }
  const options = json.anyOf?.filter((option) => typeof option === 'object') ?? [];
  const present = options.find(({ items, properties }) => items !== undefined || properties !== undefined);
  return present !== undefined ? innermost(present) : { inner: json, suffix: '' };
}

function typeOf(json: JsonSchema): string {
  const shape = shapeOf(json);
  if (shape !== undefined) return `[${shape}](#${shape})`;
  if (json.anyOf) return json.anyOf.map((option) => (typeof option === 'boolean' ? '' : typeOf(option))).join(' or ');
  if (json.enum) return json.enum.map((value) => `\`${String(value)}\``).join(' or ');
  if (json.type === 'array') {
    const { items } = json;
    const of = typeof items === 'object' && !Array.isArray(items) ? typeOf(items) : 'anything';
    return `${json.minItems ?? 0} to ${json.maxItems} × ${of}`;
  }
  if (json.type === 'integer') return `integer, ${rangeOf(json)}`;
  if (json.type === 'number') return `number, ${rangeOf(json)}`;
  if (json.type === 'string') return stringOf(json);
  return String(json.type ?? 'anything');
}

function rangeOf({ minimum, maximum }: JsonSchema): string {
  const most = maximum === Number.MAX_SAFE_INTEGER ? '2^53 - 1' : String(maximum).replace(/^10{6,}$/, powerOfTen);
  return `${minimum} to ${most}`;
}

function powerOfTen(digits: string): string {
  return `10^${digits.length - 1}`;
}

const ADDRESS_FORMATS: Readonly<Record<string, string>> = { ipv4: 'IPv4 literal', ipv6: 'IPv6 literal' };

function stringOf({ pattern, format, const: value, minLength = 0, maxLength }: JsonSchema): string {
  const address = ADDRESS_FORMATS[format ?? ''];
  if (address !== undefined) return address;
  if (value !== undefined) return `\`${String(value)}\``;
  if (pattern === PEER_ID.pattern) return 'peer id';
  return pattern === undefined ? `string, ${minLength} to ${maxLength} characters` : `string \`${pattern}\``;
}

function shapeOf(json: JsonSchema): string | undefined {
  const properties = JSON.stringify(json.properties);
  return SHAPES.find((shape) => JSON.stringify(shape.json.properties) === properties)?.name;
}
