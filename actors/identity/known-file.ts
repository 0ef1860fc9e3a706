/** By which key each id is known, as a file of the user's holds it. Pure, but for what is in the file. */
import { z } from 'zod';
import { peerIdSchema } from '../../machines/messages.ts';
import { IdentityError } from './errors.ts';
import { readPrivate, replacePrivate } from './private-file.ts';

/** Whoever makes up ids fills no disk: beyond these nobody new is remembered. */
export const MAX_KNOWN = 4096;
/** Of one id; the newest. */
const MAX_REFUSED = 4;

const publicKey = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const entry = z.object({ id: peerIdSchema, key: publicKey, refused: z.array(publicKey).max(MAX_REFUSED) });
const file = z.object({ members: z.array(entry).max(MAX_KNOWN) });

export interface KnownMember {
  readonly key: string;
  /** Other keys under which somebody has spoken as this id since it was last trusted. */
  readonly refused: readonly string[];
}

/** @throws {IdentityError} where the file cannot be used; it is left as it is */
export function readKnown(path: string): Map<string, KnownMember> {
  const text = readPrivate(path);
  return text === undefined ? new Map() : knownIn(text, path);
}

/** @throws {IdentityError} `identity.damaged` */
export function knownIn(text: string, path: string): Map<string, KnownMember> {
  const parsed = parse(text);
  if (parsed !== undefined) return new Map(parsed.members.map(({ id, ...known }) => [id, known]));
  throw new IdentityError(
    'identity.damaged',
    `${path}, which holds by which key each member is known, cannot be read. Put a copy of it back; or move it away: everybody is met anew then.`,
  );
}

/** @throws {IdentityError} `identity.unwritable` */
export function writeKnown(path: string, known: ReadonlyMap<string, KnownMember>): void {
  const members = [...known].map(([id, { key, refused }]) => ({ id, key, refused }));
  replacePrivate(path, `${JSON.stringify({ members }, null, 1)}\n`);
}

/** One more key that was refused. */
export function withRefused({ key, refused }: KnownMember, other: string): KnownMember {
  if (other === key || refused.includes(other)) return { key, refused };
  return { key, refused: [...refused, other].slice(-MAX_REFUSED) };
}

function parse(text: string): z.infer<typeof file> | undefined {
  try {
    return file.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
