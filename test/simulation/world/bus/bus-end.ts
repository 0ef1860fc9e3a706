/** One process's end of the bus: the shipped hearing between what comes off it and the root machine. */
import { Hearing } from '../../../../machines/hearing/hearing.ts';
import { Urgent } from '../../../../machines/hearing/urgent.ts';
import type { Kind, Outgoing, PeerId } from '../../../../machines/messages.ts';
import type { PeerEvent } from '../../../../machines/peer.ts';
import type { View } from '../../../../machines/view.ts';
import type { ProcessClock } from '../peer/process-clock.ts';

export interface BusEndHost {
  readonly id: PeerId;
  readonly epoch: number;
  readonly compatible: boolean;
  readonly clock: ProcessClock;
  /** What its signaling machine knows of the room; undefined before it knows anything. */
  readonly view: () => View | undefined;
  readonly tell: (event: PeerEvent) => void;
  /** `isUrgent`: by the media path, too. */
  readonly publish: (to: PeerId | 'all', message: Outgoing, isUrgent: boolean) => void;
}

const NOBODY = { members: new Map() };

export class BusEnd {
  readonly #host: BusEndHost;
  readonly #hearing: Hearing;
  readonly #urgent = new Urgent();
  #timer: unknown;
  #timerMs = Number.POSITIVE_INFINITY;

  constructor(host: BusEndHost) {
    this.#host = host;
    this.#hearing = new Hearing(host);
  }

  /** One message as it came; `alone`: to nobody else. */
  take(kind: Kind, from: PeerId, text: string, alone = false): void {
    const { events, publish } = this.#hearing.take({ kind, from, text, alone }, this.#view, this.#host.clock.now());
    if (publish !== undefined) this.publish('all', publish);
    for (const event of events) this.#host.tell(event);
    this.#await();
  }

  /** The same, by the media path. */
  takeHurried(kind: Kind, from: PeerId, text: string): void {
    if (this.#urgent.came(from, kind, this.#host.clock.now())) this.take(kind, from, text, true);
  }

  publish(to: PeerId | 'all', message: Outgoing, isUrgent = false): void {
    const nowMs = this.#host.clock.now();
    this.#hearing.said(message);
    this.#host.publish(to, message, to !== 'all' && this.#urgent.goesBothWays(to, message.kind, isUrgent, nowMs));
    this.#await();
  }

  disconnected(): void {
    this.#hearing.disconnected();
    this.#host.tell({ type: 'bus.disconnected' });
    this.#await();
  }

  connected(): void {
    this.#hearing.connected(this.#view, this.#host.clock.now());
    this.#host.tell({ type: 'bus.connected' });
    this.#await();
  }

  #check(): void {
    this.#timerMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#host.clock.now();
    if (nowMs >= this.#hearing.dueMs)
      for (const event of this.#hearing.check(this.#view, nowMs)) this.#host.tell(event);
    this.#await();
  }

  #await(): void {
    const { clock } = this.#host;
    const { dueMs } = this.#hearing;
    if (dueMs === this.#timerMs) return;
    clock.clearTimeout(this.#timer);
    this.#timerMs = dueMs;
    if (Number.isFinite(dueMs)) this.#timer = clock.setTimeout(() => this.#check(), dueMs - clock.now());
  }

  get #view() {
    return this.#host.view() ?? NOBODY;
  }
}
