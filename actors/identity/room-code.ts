/**
 * A short code of a room in words: of who is in it, each by its key, and of which process. Whoever stands between two members shows
 * each of them other keys than the other has, and so another code. Each start of a member makes another code, so that nobody can
 * look for keys that give the same one before; and as scrypt (RFC 7914) makes each try cost 30 ms, nobody finds any of 2^64 meanwhile.
 */
import { scrypt } from 'node:crypto';
import type { PeerId } from '../../machines/messages.ts';
import { WORDS } from './words.ts';

const COST = { N: 2 ** 14, r: 8, p: 1 };
/** Eight bits a word. */
const WORDS_OF_CODE = 8;

export interface CodeMember {
  readonly id: PeerId;
  readonly epoch: number;
  /** Null: it has not proved a key. */
  readonly key: string | null;
}

/** The same for the same members, in whatever order. */
export async function roomCode(room: string, members: readonly CodeMember[]): Promise<readonly string[]> {
  const lines = members.map(({ id, epoch, key }) => `${id} ${epoch} ${key ?? ''}`).sort();
  const bytes = await new Promise<Uint8Array>((resolve, reject) => {
    scrypt(lines.join('\n'), `rpr room code ${room}`, WORDS_OF_CODE, COST, (error, code) =>
      error === null ? resolve(code) : reject(error),
    );
  });
  return [...bytes].map((byte) => WORDS[byte] ?? '');
}
