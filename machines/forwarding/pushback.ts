/**
 * What own encoders make while what they made before still waits for its turn at the uplink: less, until it has left, or a picture that is
 * two seconds late would stay so for as long as the little room that a plan leaves takes to catch up. WebRTC calls it encoder pushback.
 * Pure.
 */
import type { StreamInfo } from '../messages.ts';
import type { TransportEvent } from '../ports.ts';
import type { StreamRates } from './own-streams.ts';

/** A key frame's packets wait for so long, and are no backlog, in ms. */
const NO_BACKLOG_MS = 100;
/** What waits for so long or longer takes all the share that can be taken. */
const WHOLE_BACKLOG_MS = 800;
/** Less than this is no picture any more. */
const LEAST_SHARE = 0.3;
/** Encoders are not told of less than this. */
const STEP = 0.1;

/** The share of its rate that video is made at while video has waited for so long, in steps. */
export function pushbackShare(waitedMs: number): number {
  const backlog = Math.min(1, Math.max(0, (waitedMs - NO_BACKLOG_MS) / (WHOLE_BACKLOG_MS - NO_BACKLOG_MS)));
  const steps = Math.round((1 - backlog * (1 - LEAST_SHARE)) / STEP);
  return steps * STEP;
}

/** The rates at this share of video: for this moment below what is the least that a source does in the long run. */
export function pushBack(streams: readonly StreamInfo[], rates: StreamRates, share: number): StreamRates {
  if (share === 1) return rates;
  const video = new Set(streams.flatMap(({ name, media }) => (media === 'video' ? [name] : [])));
  return new Map([...rates].map(([name, rate]) => [name, video.has(name) ? rate * share : rate]));
}

/** Whoever sees how long video waits tells it where that changes what is to be made. */
export class BacklogWatch {
  #share = 1;

  /** To be called every `backlogLook`. */
  look(waitedMs: number): readonly Extract<TransportEvent, { type: 'video.waits' }>[] {
    const share = pushbackShare(waitedMs);
    if (share === this.#share) return [];
    this.#share = share;
    return [{ type: 'video.waits', waitedMs }];
  }
}
