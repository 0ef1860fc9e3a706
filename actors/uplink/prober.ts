/**
 * Sends the padding that the uplink's controller asks for, on top of what leaves anyway: at no moment more than the asked rate has left
 * since the probe began, whoever sent it, and media is never held back for it.
 */
import type { Endpoint, PacketPath } from '../../infra/path/contract.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { ProbeOrder } from '../../machines/uplink/contract.ts';
import type { Clock } from '../clock.ts';

/** UDP payload of a packet of padding: as large as those of video, so that it meets what they would. */
const PADDING_BYTES = 1200;
/** Of IPv4 and UDP. What padding and media have more of in other networks is less than a probe tells. */
const HEADER_BYTES = 28;
const WIRE_BYTES = PADDING_BYTES + HEADER_BYTES;
/** Budgets are of what is on the wire, plans and pace of UDP payload: of a packet of usual size so much is payload. */
export const PAYLOAD_SHARE = PADDING_BYTES / WIRE_BYTES;
/** Of what else leaves it is only known how many bytes of payload it has: so much more are on the wire, with packets of usual size. */
const HEADER_SHARE = 1.03;
/** Few packets at a time, or a router with a small queue would drop what a steady stream gets through. */
const TICK_MS = 2;
/** What cannot be sent by then will not be: the send buffer is full, or nobody is left. As a multiple of what it should take. */
const MOST_TIMES_AS_LONG = 2;

export interface ProberOptions {
  readonly clock: Clock;
  readonly path: Pick<PacketPath, 'sendPadding' | 'sentBytes'>;
  /** The SSRC of padding: no stream has it. */
  readonly ssrc: number;
  /** Where a member is now. */
  readonly placeOf: (peer: PeerId) => Endpoint | undefined;
  /** All that was asked for has left, or no more will. */
  readonly onOver: () => void;
}

interface Running {
  readonly order: ProbeOrder;
  readonly startedAtMs: number;
  readonly sentBefore: number;
  padding: number;
}

export class Prober {
  readonly #options: ProberOptions;
  readonly #sequences = new Map<PeerId, number>();
  #running: Running | undefined;
  #newestId = 0;
  #turn = 0;
  #endWait: (() => void) | undefined;

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /** Begins a probe that is new; ends the one that runs where none is asked for any more. */
  follow(order: ProbeOrder | undefined): void {
    if (order === undefined) {
      this.stop();
      return;
    }
    if (order.id <= this.#newestId) return;
    this.stop();
    this.#newestId = order.id;
    const { clock, path } = this.#options;
    this.#running = { order, startedAtMs: clock.now(), sentBefore: path.sentBytes, padding: 0 };
    this.#go();
  }

  /** Whoever asks from now on counts its orders anew. */
  forget(): void {
    this.stop();
    this.#newestId = 0;
  }

  stop(): void {
    this.#endWait?.();
    this.#endWait = undefined;
    this.#running = undefined;
  }

  #go(): void {
    const running = this.#running;
    if (running === undefined) return;
    const { clock } = this.#options;
    const passedMs = clock.now() - running.startedAtMs;
    const { bps, bytes } = running.order;
    const allowed = Math.min(bytes, WIRE_BYTES + (bps * passedMs) / 8000);
    while (this.#left(running) < allowed) if (!this.#pad(running)) break;
    const isOver = this.#left(running) >= bytes || passedMs > (MOST_TIMES_AS_LONG * 8000 * bytes) / bps;
    if (!isOver) {
      this.#endWait = clock.after(TICK_MS, () => this.#go());
      return;
    }
    this.stop();
    this.#options.onOver();
  }

  /** What has left since the probe began, on the wire. */
  #left({ sentBefore, padding }: Running): number {
    const others = this.#options.path.sentBytes - sentBefore - PADDING_BYTES * padding;
    return WIRE_BYTES * padding + HEADER_SHARE * Math.max(0, others);
  }

  #pad(running: Running): boolean {
    const { path, ssrc, placeOf } = this.#options;
    const { legs } = running.order;
    const leg = legs[this.#turn % legs.length];
    this.#turn += 1;
    const place = leg === undefined ? undefined : placeOf(leg);
    if (leg === undefined || place === undefined) return false;
    const sequence = this.#sequences.get(leg) ?? 0;
    if (!path.sendPadding(ssrc, sequence, PADDING_BYTES, place)) return false;
    // A receiver sees no gap where padding went to another one.
    this.#sequences.set(leg, (sequence + 1) & 0xffff);
    running.padding += 1;
    return true;
  }
}
