/** The line that one person sends to another so that they meet: what to type, and what a page makes of it. */
import { isId } from '../../machines/subjects.ts';

/** Where a call is. */
export interface Meeting {
  readonly room: string;
  /** The NATS server as it was given; null: the one that is shared on the machine. */
  readonly nats: string | null;
}

/** What others type. With the password, where the server's URL has one: without it they could not join. */
export function inviteText({ room, nats }: Meeting): string {
  return ['npm run call --', `--room ${room}`, ...(nats === null ? [] : [`--nats '${nats}'`])].join(' ');
}

/** Reads such a line, however it is called there; undefined: it names no room. What else it holds counts for nothing. */
export function parseInvite(text: string): Meeting | undefined {
  const room = valueIn(text, '--room');
  if (room === undefined || !isId(room)) return undefined;
  return { room, nats: valueIn(text, '--nats') ?? null };
}

function valueIn(text: string, option: string): string | undefined {
  const words = text.trim().split(/\s+/);
  const at = words.indexOf(option);
  const value = at < 0 ? undefined : words[at + 1]?.replace(/^(['"])(.*)\1$/, '$2');
  return value === '' ? undefined : value;
}
