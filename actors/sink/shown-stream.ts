/**
 * One stream as a player sees it, whichever source feeds it: a member that starts anew has another SSRC, and so has each layer of a
 * group, but a running player holds on to one SSRC and one numbering. The first source is shown byte for byte; each next one
 * goes on with the number after the newest, and with the timestamp that the stream would have by now. So does one whose numbers
 * begin anew, or have come around the circle in an outage: a player would take them for late ones.
 */
import { COPY_AGE_MS, WINDOW_PACKETS } from '../../infra/path/decision/sequence-window.ts';
import type { SourceShift } from '../../infra/rtcp/feedback-shift.ts';
import { readSequence, readSsrc, readTimestamp } from '../../infra/rtp/header.ts';
import { RunningTime } from '../../infra/rtp/running-time.ts';
import { nextSequence, sequenceDistance } from '../../infra/rtp/sequence.ts';
import { writeSequence, writeSsrc, writeTimestamp } from '../../infra/rtp/write.ts';

/** Where a sender report has its SSRC and its RTP timestamp (RFC 3550 section 6.4.1). */
const REPORT_SSRC_AT = 4;
const REPORT_TIMESTAMP_AT = 16;

/**
 * When nothing newer has come for as long, in ms, a packet that looks old is none: the path has delivered it. Less than the path's
 * own measure, since each looks at its clock at another moment.
 */
const OLD_FOR_NEW_MS = COPY_AGE_MS / 2;

export class ShownStream {
  /** Ticks of the timestamp in a second. */
  readonly clockRate: number;
  readonly #time: RunningTime;
  /** Null before the first packet. */
  #shownSsrc: number | null = null;
  #sourceSsrc = 0;
  #isInterrupted = false;
  #sequenceOffset = 0;
  /** Of the newest packet that was shown. */
  #newestSequence = 0;
  #newestAtMs = 0;

  constructor(clockRate: number) {
    this.clockRate = clockRate;
    this.#time = new RunningTime(clockRate);
  }

  /** How the source that is shown now is shifted; undefined before the first packet. */
  get shift(): SourceShift | undefined {
    if (this.#shownSsrc === null) return undefined;
    return { source: this.#sourceSsrc, shown: this.#shownSsrc, sequence: this.#sequenceOffset };
  }

  /** How long ago the newest packet was shown, in ms; infinite before the first. */
  silentMs(nowMs: number): number {
    return this.#shownSsrc === null ? Number.POSITIVE_INFINITY : nowMs - this.#newestAtMs;
  }

  /** What comes next begins anew, also if it is of the source that is shown: what came of that meanwhile was not. */
  interrupt(): void {
    this.#isInterrupted = true;
  }

  /**
   * A copy of an RTP packet with its place in the stream. It must have a whole header.
   *
   * @param dueMs when it would have come if it had waited nowhere: of the first of a source, where that is known
   */
  take(packet: Uint8Array, nowMs: number, dueMs = nowMs): Uint8Array {
    const began = this.#beginsWith(packet, nowMs);
    if (began) this.#begin(packet, dueMs);
    const sequence = (readSequence(packet) + this.#sequenceOffset) & 0xffff;
    const timestamp = readTimestamp(packet);
    if (began || sequenceDistance(this.#newestSequence, sequence) > 0) {
      this.#newestSequence = sequence;
      this.#newestAtMs = nowMs;
      this.#time.came(timestamp, began ? dueMs : nowMs);
    }
    const copy = Uint8Array.from(packet);
    writeSequence(copy, sequence);
    writeTimestamp(copy, this.#time.of(timestamp));
    writeSsrc(copy, this.#shownSsrc ?? this.#sourceSsrc);
    return copy;
  }

  /** A sender report of the source that is shown now, as if of the stream; undefined for one of another source. */
  report(rtcp: Uint8Array): Uint8Array | undefined {
    const copy = Uint8Array.from(rtcp);
    const view = new DataView(copy.buffer);
    if (this.#shownSsrc === null || view.getUint32(REPORT_SSRC_AT) !== this.#sourceSsrc) return undefined;
    view.setUint32(REPORT_SSRC_AT, this.#shownSsrc);
    view.setUint32(REPORT_TIMESTAMP_AT, view.getUint32(REPORT_TIMESTAMP_AT) + this.#time.offset);
    return copy;
  }

  /** Whether the packet is of another source than the one before, or of other numbers: the path delivers none that is only late. */
  #beginsWith(packet: Uint8Array, nowMs: number): boolean {
    if (this.#shownSsrc === null || this.#isInterrupted || readSsrc(packet) !== this.#sourceSsrc) return true;
    const ahead = sequenceDistance(this.#newestSequence, readSequence(packet) + this.#sequenceOffset);
    return ahead <= -WINDOW_PACKETS || (ahead <= 0 && this.silentMs(nowMs) >= OLD_FOR_NEW_MS);
  }

  #begin(packet: Uint8Array, dueMs: number): void {
    this.#time.begin(readTimestamp(packet), dueMs);
    this.#sourceSsrc = readSsrc(packet);
    this.#isInterrupted = false;
    if (this.#shownSsrc === null) {
      this.#shownSsrc = this.#sourceSsrc;
      return;
    }
    this.#sequenceOffset = (nextSequence(this.#newestSequence) - readSequence(packet)) & 0xffff;
  }
}
