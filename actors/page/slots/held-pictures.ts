/**
 * Pictures for a page that is on its way, from a key frame on: until its connection stands another would have been asked for and
 * made, which is the longest that it waits for. Pure: time is given.
 */
import { readSsrc, readTimestamp } from '../../../infra/rtp/header.ts';
import type { RemoteStream } from '../../sink/contract.ts';
import { mayBegin } from '../../sink/picture-start.ts';

/** Of one stream: of 1.5 Mbit/s more than a second's. */
const MOST_PACKETS = 256;
/** What began longer ago, in ms, would only make the page catch up: a new key frame is sooner there. */
const MOST_MS = 1000;

interface Held {
  readonly stream: RemoteStream;
  /** Copies. The first begins a key frame; none: it has not come. */
  packets: Uint8Array[];
  sinceMs: number;
}

export class HeldPictures {
  #held: ReadonlyMap<number, Held> = new Map();

  /**
   * Holds these streams of pictures from now on; none: nothing. What it holds of them already stays.
   *
   * @returns those that are new, and need a key frame
   */
  follow(streams: readonly RemoteStream[]): readonly RemoteStream[] {
    const before = this.#held;
    this.#held = new Map(
      streams.map((stream) => [stream.ssrc, before.get(stream.ssrc) ?? { stream, packets: [], sinceMs: 0 }]),
    );
    return streams.filter(({ ssrc }) => !before.has(ssrc));
  }

  take(packet: Uint8Array, nowMs: number): void {
    const held = this.#held.get(readSsrc(packet));
    if (held === undefined) return;
    const { stream, packets } = held;
    const [first] = packets;
    // Several packets of one picture may each be a beginning: parameter sets, then slices.
    const isOther = first === undefined || readTimestamp(first) !== readTimestamp(packet);
    if (isOther && mayBegin(stream, packet)) {
      held.packets = [new Uint8Array(packet)];
      held.sinceMs = nowMs;
    } else if (packets.length >= MOST_PACKETS) held.packets = [];
    else if (first !== undefined) packets.push(new Uint8Array(packet));
  }

  /** All that is held and not too old, each stream in the order in which it came. Nothing is held any more. */
  release(nowMs: number): Uint8Array[] {
    const fresh = [...this.#held.values()].filter(({ sinceMs }) => nowMs - sinceMs <= MOST_MS);
    this.#held = new Map();
    return fresh.flatMap(({ packets }) => packets);
  }
}
