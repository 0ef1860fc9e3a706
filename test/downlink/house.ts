/** A peer behind a line that carries so much towards it, in a room of members that send what it asks for, and report: a step a ms. */
import type { DownlinkState } from '../../machines/downlink/contract.ts';
import { Downlink } from '../../machines/downlink/downlink.ts';
import { Line } from '../uplink/line.ts';

const PACKET_BYTES = 1228;
const REPORT_BYTES = 120;
const REPORT_EVERY_MS = 50;
const WAKE_MS = 100;
const ROUTER_MS = 250;
/** From asking to what comes of it: the bus, a plan, an encoder. */
const HEEDED_AFTER_MS = 250;
/** One way, to the line. */
const AWAY_MS = 20;

export interface HouseOptions {
  readonly lineBps: number;
  readonly members: readonly string[];
  /** What they send together where nothing is asked. */
  readonly wantBps: number;
  /** Heeds nobody: another program's download, as much as this. */
  readonly foreignBps?: number;
  /** How much later than it was this member says that its report was written, in ms. */
  readonly lies?: (member: string, nowMs: number) => number;
  /** How much later than it could its process reads what comes and looks at it, in ms. */
  readonly lateMs?: (nowMs: number) => number;
}

interface Arriving {
  readonly atMs: number;
  readonly arrive: () => void;
}

export class DownlinkHouse {
  readonly line: Line;
  readonly downlink: Downlink;
  state: DownlinkState;
  nowMs = 0;
  dropped = 0;
  /** When what is asked for became another. */
  readonly asked: { readonly atMs: number; readonly bps: number | undefined }[] = [];
  foreignBps: number;
  readonly #options: HouseOptions;
  #owed = 0;
  #owedForeign = 0;
  #turn = 0;
  #queue: Arriving[] = [];

  constructor(options: HouseOptions) {
    this.#options = options;
    this.foreignBps = options.foreignBps ?? 0;
    this.line = new Line({ bps: options.lineBps, bufferMs: ROUTER_MS });
    this.downlink = new Downlink({ wantBps: options.wantBps, audioBps: 0 });
    this.state = this.downlink.wake(0);
  }

  /** @param watch called with each state */
  playUntil(untilMs: number, watch: (state: DownlinkState, nowMs: number) => void = () => undefined): void {
    for (; this.nowMs < untilMs; this.nowMs += 1) {
      const { nowMs } = this;
      this.#send(nowMs);
      while ((this.#queue[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) this.#queue.shift()?.arrive();
      if (nowMs % WAKE_MS !== 0) continue;
      this.state = this.downlink.wake(nowMs, this.#lateMs);
      const bps = this.state.publishedBps;
      if (bps !== this.asked.at(-1)?.bps) this.asked.push({ atMs: nowMs, bps });
      watch(this.state, nowMs);
    }
  }

  get #lateMs(): number {
    return this.#options.lateMs?.(this.nowMs) ?? 0;
  }

  get #heededBps(): number | undefined {
    return this.asked.findLast(({ atMs }) => atMs <= this.nowMs - HEEDED_AFTER_MS)?.bps;
  }

  #send(nowMs: number): void {
    const { members, wantBps, lies } = this.#options;
    this.#owed += Math.min(wantBps, this.#heededBps ?? wantBps) / 8000;
    for (; this.#owed >= PACKET_BYTES; this.#owed -= PACKET_BYTES) {
      const from = members[this.#turn++ % members.length];
      this.#offer(PACKET_BYTES, (atMs) => this.downlink.came([{ from, bytes: PACKET_BYTES, atMs }]));
    }
    this.#owedForeign += this.foreignBps / 8000;
    for (; this.#owedForeign >= PACKET_BYTES; this.#owedForeign -= PACKET_BYTES)
      this.#offer(PACKET_BYTES, () => undefined);
    members.forEach((from, index) => {
      // Clocks that nobody has set, and reports at moments of their own.
      if ((nowMs + 7 * index) % REPORT_EVERY_MS !== 0) return;
      const writtenAtMs = nowMs + 100_000 * index + (lies?.(from, nowMs) ?? 0);
      this.#offer(REPORT_BYTES, (atMs) => this.downlink.written({ from, writtenAtMs, atMs }));
    });
  }

  #offer(bytes: number, arrive: (atMs: number) => void): void {
    const waitMs = this.line.take(bytes, this.nowMs);
    if (waitMs === undefined) {
      this.dropped += 1;
      return;
    }
    const atMs = this.nowMs + waitMs + AWAY_MS + this.#lateMs;
    this.#queue.push({ atMs, arrive: () => arrive(atMs) });
  }
}
