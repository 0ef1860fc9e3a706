/**
 * A member that tells keys of streams that are not its own, in the boxes in which it tells those of its own: whoever took them could not
 * open any more what the streams' owners send.
 */
import { MOST_KEYS, readKeyList, writeKeyList } from '../../../actors/media/sealing/key-list.ts';
import { boxKey } from '../../../actors/media/sealing/pair-seals.ts';
import { openBox, sealBox } from '../../../infra/crypto/box.ts';
import { STREAM_KEY_BYTES } from '../../../infra/srtp/stream-seal.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { KeysMessage } from '../../../machines/ports.ts';
import type { Random } from '../world/random.ts';
import type { ToldKeys } from './counterfeiter.ts';

type KeysBody = Extract<KeysMessage, { kind: 'media.keys' }>['body'];

export interface KeyForgerOptions {
  readonly random: Random;
  readonly self: PeerId;
  readonly sharedWith: (peer: PeerId) => Uint8Array | undefined;
  /** Whose streams it knows of. */
  readonly told: ToldKeys;
}

export class KeyForger {
  readonly #options: KeyForgerOptions;

  constructor(options: KeyForgerOptions) {
    this.#options = options;
  }

  /** @param body what it would tell of its own @returns what it tells instead */
  forged({ keys }: KeysBody): KeysBody {
    return { keys: keys.map(({ to, box }) => ({ to, box: this.#forge(to, box) })) };
  }

  #forge(to: PeerId, box: string): string {
    const { random, self, sharedWith, told } = this.#options;
    const shared = sharedWith(to);
    if (shared === undefined) return box;
    const key = boxKey(shared, `${self} ${to}`);
    const opened = openBox(key, Buffer.from(box, 'base64url'));
    const own = opened && readKeyList(opened.content);
    if (opened === undefined || own === undefined) return box;
    const others = told.all
      .filter(({ ssrc }) => own.every((key) => key.ssrc !== ssrc))
      .toReversed()
      .slice(0, MOST_KEYS - own.length)
      .map((known) => ({ ...known, key: this.#madeUp() }));
    const list = random.chance(0.5) ? [...others, ...own] : [...own, ...others];
    return Buffer.from(sealBox(key, opened.number, writeKeyList(list))).toString('base64url');
  }

  #madeUp(): Uint8Array {
    return Uint8Array.from({ length: STREAM_KEY_BYTES }, () => this.#options.random.integer(0, 255));
  }
}
