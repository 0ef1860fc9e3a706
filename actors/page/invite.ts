/** The line that one person sends to another so that they meet: what to type, and what a page makes of it. */
import { isId } from '../../machines/subjects.ts';
import { parseLink, type RoomLink, writeLink } from '../options/room-link.ts';

/** What others type. With the password, where the server's URL has one: without it they could not join. */
export function inviteText(meeting: RoomLink): string {
  const { room, nats, key } = meeting;
  if (key !== null) return `rpr join ${writeLink(meeting)}`;
  return ['npm run call --', `--room ${room}`, ...(nats === null ? [] : [`--nats '${nats}'`])].join(' ');
}

/** Reads such a line, however it is called there; undefined: it names no room. What else it holds counts for nothing. */
export function parseInvite(text: string): RoomLink | undefined {
  const link = text.split(/\s+/).find((word) => word.startsWith('rpr:'));
  if (link !== undefined) return linkIn(link);
  const room = valueIn(text, '--room');
  if (room === undefined || !isId(room)) return undefined;
  return { room, nats: valueIn(text, '--nats') ?? null, key: null };
}

function linkIn(word: string): RoomLink | undefined {
  try {
    return parseLink(word);
  } catch {
    return undefined;
  }
}

function valueIn(text: string, option: string): string | undefined {
  const words = text.trim().split(/\s+/);
  const at = words.indexOf(option);
  const value = at < 0 ? undefined : words[at + 1]?.replace(/^(['"])(.*)\1$/, '$2');
  return value === '' ? undefined : value;
}
