/** What a call's table shows, gathered from the machines, the meters and the packet path. */
import { SLICE_COUNT, sliceBps, sliceCount } from '../machines/slices.ts';
import { type Member, othersOf, selfOf } from '../machines/view.ts';
import type { PeerOptions } from './options/contract.ts';
import type { Participant } from './participant.ts';
import type { Meter } from './sink/meter.ts';
import type { Source } from './source/contract.ts';
import type { CallStatus, MemberStatus, Way } from './status/snapshot.ts';

/** How many of the newest packets tell which way a source comes now. */
const RECENT_PACKETS = 64;
/** Rates and loss are measured over at least this long, in ms; in between, those before are shown. */
const WINDOW_MS = 900;

interface Observed {
  readonly options: PeerOptions;
  readonly participant: Participant;
  readonly meter: Meter;
  readonly source: Source | null;
}

interface Counted {
  readonly packets: number;
  readonly bytes: number;
  readonly highest: number;
}

interface Measured {
  readonly bps: number;
  readonly loss: number;
}

export class CallStatusReader {
  readonly #observed: Observed;
  #atMs = 0;
  #counted = new Map<string, Counted>();
  #measured = new Map<string, Measured>();
  #sourceBytes = 0;
  #sourceBps = 0;

  constructor(observed: Observed) {
    this.#observed = observed;
  }

  /** The call at this moment. */
  read(nowMs: number, lines: readonly string[]): CallStatus {
    const { options, participant, source } = this.#observed;
    if (nowMs - this.#atMs >= WINDOW_MS) this.#measure(nowMs);
    const { view, negotiation, upload, transport, profile } = participant;
    const self = view === undefined ? profile : selfOf(view);
    return {
      id: options.id,
      room: options.room,
      state: participant.state,
      busConnected: !(negotiation?.busAway ?? false),
      packetPath: transport.path.kind,
      ...{ uploadBps: self.uploadBps, usableBps: self.usableBps, lendBps: self.lendBps, sendBps: upload.nowBps },
      promisedBps: [...(negotiation?.relaying.ledger.promised.values() ?? [])].reduce((sum, bps) => sum + bps, 0),
      source: source === null ? null : { sendsBps: this.#sourceBps, shouldBps: negotiation?.rateBps ?? 0 },
      members: view === undefined ? [] : othersOf(view).map((member) => this.#member(member)),
      lines,
    };
  }

  #member(member: Member): MemberStatus {
    const { participant, meter } = this.#observed;
    const { negotiation, transport } = participant;
    const { id, compatible, leaving, source } = member;
    const relayed = transport.table.relayed.filter(({ client }) => client === id);
    const own = transport.table.own?.hops.find(({ peer }) => peer === id);
    const forwarded = transport.table.relayed.reduce((sum, { client, legs }) => {
      const slices = legs.find(({ receiver }) => receiver === id)?.slices ?? 0;
      return sum + sliceBps(slices, this.#measured.get(client)?.bps ?? 0);
    }, 0);
    const measured = this.#measured.get(id);
    return {
      id,
      state: negotiation?.silent.has(id) ? 'silent' : leaving ? 'leaving' : 'live',
      compatible,
      to: [...(negotiation?.inForce.get(id) ?? [])].map(([relay, slices]) => ({ relay, slices: sliceCount(slices) })),
      from: source === null ? [] : waysOf(id, meter),
      inBps: measured?.bps ?? 0,
      outBps: sliceBps(own?.slices ?? 0, this.#sourceBps) + forwarded,
      loss: source === null || measured === undefined ? null : measured.loss,
      lentBps: relayed.reduce((sum, { promisedBps }) => sum + promisedBps, 0),
    };
  }

  #measure(nowMs: number): void {
    const { participant, meter, source } = this.#observed;
    const seconds = (nowMs - this.#atMs) / 1000;
    const counted = new Map<string, Counted>();
    const measured = new Map<string, Measured>();
    for (const { id } of participant.view === undefined ? [] : othersOf(participant.view)) {
      const now = meter.reception(id);
      if (now === undefined) continue;
      const { packets, bytes, highestSequence: highest } = now;
      counted.set(id, { packets, bytes, highest });
      const before = this.#counted.get(id);
      if (before === undefined) continue;
      const expected = highest - before.highest;
      const loss = expected <= 0 ? 0 : Math.max(0, 1 - (packets - before.packets) / expected);
      measured.set(id, { bps: (8 * (bytes - before.bytes)) / seconds, loss });
    }
    const sourceBytes = source?.counters().bytes ?? 0;
    this.#sourceBps = this.#atMs === 0 ? 0 : (8 * (sourceBytes - this.#sourceBytes)) / seconds;
    this.#sourceBytes = sourceBytes;
    this.#counted = counted;
    this.#measured = measured;
    this.#atMs = nowMs;
  }
}

/** The ways of the newest packets, in sixteenths. */
function waysOf(source: string, meter: Meter): Way[] {
  const newest = meter.reception(source)?.highestSequence;
  if (newest === undefined) return [];
  const { via, received } = meter.window(source, newest - RECENT_PACKETS + 1, newest + 1);
  return [...via].map(([peer, packets]) => ({
    relay: peer === source ? null : peer,
    slices: Math.max(1, Math.round((packets / received) * SLICE_COUNT)),
  }));
}
