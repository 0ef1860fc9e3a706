/**
 * Of which m-line and layer each SSRC of the page is (RFC 9143 section 9.2, RFC 8852). Browsers say it in the first packets only, until
 * a receiver report has come.
 */
import { readPayloadType, readSsrcKey } from '../rtp/header.ts';
import { RecentSources } from '../srtp/recent-sources.ts';
import { MID_EXTENSION, REPAIRED_RID_EXTENSION, RID_EXTENSION } from './answer.ts';
import type { SentMedia } from './contract.ts';
import { readExtension } from './header-extension.ts';
import type { AnsweredLine } from './negotiation.ts';

/** Camera and screen have three layers each at most, and with each change of them there are others. */
const MOST_STREAMS = 64;

export interface BoundStream {
  readonly mid: string;
  /** Null: not simulcast. */
  readonly rid: string | null;
}

interface SentLine {
  readonly media: SentMedia;
  readonly extensions: ReadonlyMap<string, number>;
}

export class StreamBinding {
  readonly #streams = new RecentSources<BoundStream>(MOST_STREAMS);
  #sent: ReadonlyMap<string, SentLine> = new Map();

  /** The page has offered anew. What an SSRC has said stands as long as its m-line is there. */
  setLines(lines: readonly AnsweredLine[]): void {
    this.#sent = new Map(
      lines.flatMap((line) => {
        const { mid, extensions } = line.offered;
        return line.kind === 'media' && line.media.direction === 'send'
          ? [[mid, { media: line.media, extensions }]]
          : [];
      }),
    );
    const kept = new Set(lines.filter(({ kind }) => kind !== 'rejected').map(({ offered }) => offered.mid));
    this.#streams.deleteWhere(({ mid }) => !kept.has(mid));
  }

  /**
   * @param packet authentic, with its header extension
   * @returns undefined where it belongs nowhere
   */
  streamOf(packet: Uint8Array): BoundStream | undefined {
    const key = readSsrcKey(packet);
    const stream = this.#streams.get(key) ?? this.#bind(key, packet);
    return stream !== undefined && this.#sent.has(stream.mid) ? stream : undefined;
  }

  #bind(key: number, packet: Uint8Array): BoundStream | undefined {
    const values = readExtension(packet);
    for (const { media, extensions } of this.#sent.values()) {
      const told = (uri: string) => values.get(extensions.get(uri) ?? 0);
      if (told(MID_EXTENSION) !== media.mid) continue;
      const stream = streamIn(media, packet, told(RID_EXTENSION), told(REPAIRED_RID_EXTENSION));
      if (stream !== undefined) this.#streams.set(key, stream);
      return stream;
    }
    return undefined;
  }
}

/** Undefined for what nobody asked for: retransmissions, other layers, other formats. */
function streamIn(
  { mid, rids, formats }: SentMedia,
  packet: Uint8Array,
  rid: string | undefined,
  repairedRid: string | undefined,
): BoundStream | undefined {
  const payloadType = readPayloadType(packet);
  if (repairedRid !== undefined || !formats.some((format) => format.payloadType === payloadType)) return undefined;
  if (rids.length === 0) return { mid, rid: null };
  return rid !== undefined && rids.includes(rid) ? { mid, rid } : undefined;
}
