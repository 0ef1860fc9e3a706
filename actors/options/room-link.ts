/** The link by which others join: `rpr:ROOM@HOST#KEY`, all that they have to know in one word. */
import { parseNatsAddresses } from '../../infra/nats/address.ts';
import { isId } from '../../machines/subjects.ts';
import { isSecret } from './keys.ts';
import { UsageError } from './usage-error.ts';

/** Where a call is, and how one gets in. */
export interface RoomLink {
  readonly room: string;
  /** The NATS server, or several with commas between them, as `--nats` takes it; null: the one that is shared on the machine. */
  readonly nats: string | null;
  /** Null: the door is open. */
  readonly key: string | null;
}

const LINK = /^rpr:([A-Za-z0-9_-]{1,32})@([^#]*)(?:#(.+))?$/;
const USUAL_SCHEME = /^nats:\/\//;
/** What would end the part that it stands in, or the word, or mean something to a shell. */
const UNSAFE = /[^A-Za-z0-9._~:/@,[\]-]/gu;
const FORM = 'A link is rpr:ROOM@HOST#KEY, as `rpr link` prints it.';

export function writeLink({ room, nats, key }: RoomLink): string {
  const host = nats === null ? '' : nats.replace(USUAL_SCHEME, '').replace(UNSAFE, escaped);
  return `rpr:${room}@${host}${key === null ? '' : `#${key.replace(UNSAFE, escaped)}`}`;
}

/** @throws {UsageError} where it is none */
export function parseLink(text: string): RoomLink {
  const [, room = '', host = '', key] = LINK.exec(text.trim()) ?? [];
  if (!isId(room)) throw new UsageError(FORM);
  const nats = host === '' ? null : decoded(host);
  const secret = key === undefined ? null : decoded(key);
  if (secret !== null && !isSecret(secret)) throw new UsageError(FORM);
  if (nats !== null) checkServer(nats);
  return { room, nats, key: secret };
}

function checkServer(nats: string): void {
  try {
    parseNatsAddresses(nats);
  } catch (error) {
    throw new UsageError(`The link names no NATS server: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function escaped(character: string): string {
  return [...new TextEncoder().encode(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UsageError(FORM);
  }
}
