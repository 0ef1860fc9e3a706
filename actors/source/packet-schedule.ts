/**
 * When a constant-rate source sends packets of which size: pure arithmetic on (rate, time). Each packet is due when the
 * bits before it have had their time, so the rate is exact over any interval, to within a packet; frames follow from it.
 */

/** With 48 bytes of IPv6 and UDP header this stays below every usual path MTU, tunnels included. */
export const MAX_PACKET_BYTES = 1200;

/**
 * After a stall (a busy processor, a laptop that slept) at most this much is made up for: more at once would fill the
 * queue of a home router, which is what pacing is there to avoid. In ms.
 */
export const MAX_CATCH_UP_MS = 50;

export interface ScheduleInput {
  readonly rateBps: number;
  readonly framesPerSecond: number;
  /** At low rates frames come less often instead of getting smaller than this. */
  readonly minFrameBytes: number;
  readonly nowMs: number;
}

export class PacketSchedule {
  readonly #framesPerSecond: number;
  readonly #minFrameBytes: number;
  #rateBps: number;
  #dueMs: number;
  #frameMs: number;
  #frameBytesLeft = 0;
  #framePacketsLeft = 0;
  #startsFrame = true;

  constructor({ rateBps, framesPerSecond, minFrameBytes, nowMs }: ScheduleInput) {
    this.#framesPerSecond = framesPerSecond;
    this.#minFrameBytes = minFrameBytes;
    this.#rateBps = rateBps;
    this.#dueMs = rateBps > 0 ? nowMs : Number.POSITIVE_INFINITY;
    this.#frameMs = nowMs;
    this.#cutFrame();
  }

  /** bit/s of whole packets. */
  get rateBps(): number {
    return this.#rateBps;
  }

  /** When the next packet is to be sent; infinite while the rate is 0. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** Of the next packet, RTP header included. */
  get packetBytes(): number {
    return Math.ceil(this.#frameBytesLeft / this.#framePacketsLeft);
  }

  /** Whether the next packet is its frame's first. */
  get startsFrame(): boolean {
    return this.#startsFrame;
  }

  /** Whether the next packet is its frame's last. */
  get endsFrame(): boolean {
    return this.#framePacketsLeft === 1;
  }

  /** When the next packet's frame was taken: when its first packet was due. */
  get frameMs(): number {
    return this.#startsFrame ? this.#dueMs : this.#frameMs;
  }

  /** The packet under way waits as much longer or shorter as the rate says. */
  setRate(rateBps: number, nowMs: number): void {
    const waitMs = this.#rateBps > 0 ? Math.max(0, this.#dueMs - nowMs) : 0;
    this.#dueMs = rateBps > 0 ? nowMs + (waitMs * this.#rateBps) / rateBps : Number.POSITIVE_INFINITY;
    this.#rateBps = rateBps;
    if (this.#startsFrame) this.#cutFrame();
  }

  /** Forgets what is overdue by more than {@link MAX_CATCH_UP_MS}. */
  skipStall(nowMs: number): void {
    this.#dueMs = Math.max(this.#dueMs, nowMs - MAX_CATCH_UP_MS);
  }

  /** The next packet has been sent. */
  advance(): void {
    const bytes = this.packetBytes;
    this.#frameMs = this.frameMs;
    this.#dueMs += (bytes * 8 * 1000) / this.#rateBps;
    this.#frameBytesLeft -= bytes;
    this.#framePacketsLeft--;
    this.#startsFrame = this.#framePacketsLeft === 0;
    if (this.#startsFrame) this.#cutFrame();
  }

  #cutFrame(): void {
    this.#frameBytesLeft = Math.max(this.#minFrameBytes, Math.round(this.#rateBps / 8 / this.#framesPerSecond));
    this.#framePacketsLeft = Math.ceil(this.#frameBytesLeft / MAX_PACKET_BYTES);
  }
}
