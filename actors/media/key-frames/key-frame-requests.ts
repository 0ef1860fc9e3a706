/**
 * Which requests for a key frame are passed on, at each hop from a player to the source (RFC 4585 section 6.3.1, RFC 5104 section
 * 4.3.1). Key frames cost all receivers of a stream, so what many ask for at once is asked for once, and one asker cannot have
 * more than a few. Whoever has asked too often gets its next one as soon as it may: it has nothing to show until then.
 */
import { Allowance, type Limit } from '../../../machines/hearing/allowance.ts';
import type { PeerId } from '../../../machines/messages.ts';

/** Requests for a stream within this are one: a key frame that is on its way serves them all. In ms. */
export const COALESCED_MS = 300;
/**
 * What one asker may have of a stream: at once as many as a lossy start takes, and in the long run one each two seconds: who loses more than
 * that needs a lower rate, not more key frames.
 */
const LIMIT: Limit = { burst: 3, perSecond: 0.5 };

/** Who asks: a member, or the player of our own. */
export type Asker = PeerId | typeof OWN_PLAYER;
/** No peer's id is empty. */
export const OWN_PLAYER = '';

/**
 * `pass`: ask whoever sends the stream now. `later`: it has just been asked; {@link KeyFrameRequests.due} will name the stream.
 * `repeated`: the same request again. `limited`: this asker has had enough for now; {@link KeyFrameRequests.due} will name the stream.
 */
export type Answer = 'pass' | 'later' | 'repeated' | 'limited';

interface Asking {
  readonly allowance: Allowance;
  /** It has asked, and may not have one yet. */
  waits: boolean;
  /** Of the newest full intra request. */
  number: number | null;
}

interface Stream {
  passedMs: number;
  /** Somebody has asked since it was passed on. */
  waits: boolean;
  readonly askers: Map<Asker, Asking>;
}

export class KeyFrameRequests {
  readonly #streams = new Map<number, Stream>();

  /** Somebody asks for a key frame of the stream. @param number of a full intra request; null for any other */
  ask(ssrc: number, asker: Asker, number: number | null, nowMs: number): Answer {
    const stream = this.#streams.get(ssrc) ?? { passedMs: Number.NEGATIVE_INFINITY, waits: false, askers: new Map() };
    this.#streams.set(ssrc, stream);
    const asking = stream.askers.get(asker) ?? { allowance: new Allowance(LIMIT), waits: false, number: null };
    stream.askers.set(asker, asking);
    if (number !== null && number === asking.number) return 'repeated';
    asking.number = number ?? asking.number;
    asking.waits = !asking.allowance.take(1, nowMs);
    if (asking.waits) return 'limited';
    if (nowMs - stream.passedMs < COALESCED_MS) {
      stream.waits = true;
      return 'later';
    }
    stream.passedMs = nowMs;
    stream.waits = false;
    return 'pass';
  }

  /** A key frame of the stream begins: whoever waits for one has it. */
  answered(ssrc: number): void {
    const stream = this.#streams.get(ssrc);
    if (stream === undefined) return;
    stream.waits = false;
    for (const asking of stream.askers.values()) asking.waits = false;
  }

  /** Whether a key frame of the stream would spare a request. Cheap enough to be called for every packet. */
  isWaitedFor(ssrc: number): boolean {
    const stream = this.#streams.get(ssrc);
    if (stream === undefined || stream.waits) return stream !== undefined;
    for (const { waits } of stream.askers.values()) if (waits) return true;
    return false;
  }

  /** The streams that somebody has asked for since they were passed on, and that may be passed on again: they count as such now. */
  due(nowMs: number): number[] {
    for (const stream of this.#streams.values()) {
      for (const asking of stream.askers.values()) {
        if (!asking.waits || !asking.allowance.take(1, nowMs)) continue;
        asking.waits = false;
        stream.waits = true;
      }
    }
    const due = [...this.#streams].filter(([, { waits, passedMs }]) => waits && nowMs - passedMs >= COALESCED_MS);
    for (const [, stream] of due) {
      stream.passedMs = nowMs;
      stream.waits = false;
    }
    return due.map(([ssrc]) => ssrc);
  }

  /** When {@link due} names a stream next, in ms; infinity: not before somebody asks. */
  get nextMs(): number {
    const next = [...this.#streams.values()].flatMap(({ waits, passedMs, askers }) => [
      ...(waits ? [passedMs + COALESCED_MS] : []),
      ...[...askers.values()].flatMap((asking) => (asking.waits ? [asking.allowance.readyMs(1)] : [])),
    ]);
    return Math.min(Number.POSITIVE_INFINITY, ...next);
  }

  /** Forgets all streams and all members but these. */
  keepOnly(ssrcs: ReadonlySet<number>, members: ReadonlySet<PeerId>): void {
    for (const [ssrc, { askers }] of this.#streams) {
      if (!ssrcs.has(ssrc)) this.#streams.delete(ssrc);
      else for (const asker of askers.keys()) if (asker !== OWN_PLAYER && !members.has(asker)) askers.delete(asker);
    }
  }
}
