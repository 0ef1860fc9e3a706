/** What offers and answers have settled so far: which m-lines there are, and under which SSRC each slot is sent. */
import type { LinkCodec, LinkMedia } from './contract.ts';
import type { Direction, Offer, OfferedMedia } from './offer.ts';
import { acceptedFormats, type OfferedFormat } from './offered-formats.ts';
import { invalid, unsupported } from './sdp-blocks.ts';

/** An m-line and what becomes of it. */
export type AnsweredLine =
  | { readonly kind: 'rejected'; readonly offered: OfferedMedia }
  /** It stays, and nothing is sent on it for now. */
  | { readonly kind: 'inactive'; readonly offered: OfferedMedia; readonly formats: readonly OfferedFormat[] }
  | {
      readonly kind: 'media';
      readonly offered: OfferedMedia;
      readonly formats: readonly OfferedFormat[];
      readonly media: LinkMedia;
      /** Which of those of its kind and direction it is, from 0. */
      readonly place: number;
    };

export interface NegotiationOptions {
  readonly codecs: readonly LinkCodec[];
  /** Any SSRC at random. */
  readonly randomSsrc: () => number;
}

const SENDING: ReadonlySet<Direction> = new Set(['sendonly', 'sendrecv']);

export class Negotiation {
  readonly #options: NegotiationOptions;
  #offer: Offer | null = null;
  #lines: readonly AnsweredLine[] = [];
  /** Of the slots, by mid: also of one that is inactive for now. */
  #ssrcs: ReadonlyMap<string, number> = new Map();

  constructor(options: NegotiationOptions) {
    this.#options = options;
  }

  /** In the order of the m-lines, rejected ones included. */
  get lines(): readonly AnsweredLine[] {
    return this.#lines;
  }

  get media(): readonly LinkMedia[] {
    return this.#lines.flatMap((line) => (line.kind === 'media' ? [line.media] : []));
  }

  /**
   * Whether the offer starts ICE anew (RFC 8839 section 4.4.1.1.1).
   *
   * @throws {WebRtcError} `offer.invalid`, `offer.unsupported`: nothing has changed
   */
  take(offer: Offer): { readonly restartsIce: boolean } {
    const before = this.#offer;
    if (before !== null) this.#requireSuccessor(before, offer);
    const ssrcs = this.#ssrcsFor(offer);
    const lines = this.#answered(offer, ssrcs);
    if (lines.some((line) => line.kind === 'rejected' && line.offered.mid === offer.taggedMid)) {
      throw unsupported(`the first m-line of its BUNDLE group, mid ${offer.taggedMid}, has no codec that we know`);
    }
    this.#offer = offer;
    this.#ssrcs = ssrcs;
    this.#lines = lines;
    return { restartsIce: before !== null && before.ice.ufrag !== offer.ice.ufrag };
  }

  /** M-lines never vanish nor change, but one that was rejected may become another (RFC 8829 section 5.2.2). */
  #requireSuccessor(before: Offer, offer: Offer): void {
    const { hash, value } = before.fingerprint;
    if (hash !== offer.fingerprint.hash || !value.equals(offer.fingerprint.value)) {
      throw unsupported('its certificate is another one than before, which needs a new link');
    }
    if (offer.taggedMid !== before.taggedMid) {
      // Chromium then begins a new transport beneath the same connection.
      throw unsupported(`m-line with mid ${before.taggedMid} carries the connection and has to stay`);
    }
    if (offer.media.length < before.media.length) throw invalid('m-lines of the offer before are missing');
    for (const [index, line] of this.#lines.entries()) {
      const { mid, type } = offer.media[index] ?? {};
      const same = mid === line.offered.mid && type === line.offered.type;
      if (line.kind !== 'rejected' && !same) throw invalid(`m-line ${index} is another one than before`);
    }
  }

  /** Every m-line has one, and keeps it as long as it is there. */
  #ssrcsFor(offer: Offer): ReadonlyMap<string, number> {
    const ssrcs = new Map<string, number>();
    const taken = new Set(this.#ssrcs.values());
    for (const { mid } of offer.media) {
      let ssrc = this.#ssrcs.get(mid) ?? this.#options.randomSsrc();
      while (!this.#ssrcs.has(mid) && taken.has(ssrc)) ssrc = this.#options.randomSsrc();
      taken.add(ssrc);
      ssrcs.set(mid, ssrc);
    }
    return ssrcs;
  }

  #answered(offer: Offer, ssrcs: ReadonlyMap<string, number>): AnsweredLine[] {
    const places = new Map<string, number>();
    return offer.media.map((offered) => {
      const accepted = offered.bundled ? acceptedFormats(offered.formats, this.#options.codecs) : [];
      // Of what it may send a page chooses as it likes, and others have to be told what it is.
      const formats = SENDING.has(offered.direction) ? accepted.slice(0, 1) : accepted;
      if (formats.length === 0 || offered.kind === 'other') return { kind: 'rejected', offered };
      const media = mediaOf(offered, offered.kind, formats, ssrcs.get(offered.mid) ?? 0);
      if (media === null) return { kind: 'inactive', offered, formats };
      const like = `${media.kind} ${media.direction}`;
      const place = places.get(like) ?? 0;
      places.set(like, place + 1);
      return { kind: 'media', offered, formats, media, place };
    });
  }
}

/** Null: nothing is sent. A page that would send and receive on one m-line sends: slots are m-lines of their own. */
function mediaOf(
  { mid, direction, rids }: OfferedMedia,
  kind: LinkMedia['kind'],
  formats: readonly OfferedFormat[],
  ssrc: number,
): LinkMedia | null {
  const answered = {
    mid,
    kind,
    formats: formats.map(({ payloadType, codec, fmtp }) => ({ payloadType, codec, fmtp })),
  };
  if (direction === 'inactive') return null;
  return direction === 'recvonly'
    ? { ...answered, direction: 'receive', ssrc }
    : { ...answered, direction: 'send', rids };
}
