/** What a peer tells others of the media that it sends, forwards and gets, and what it takes from what they tell and from their silence. */
import type { Endpoint } from '../../../../infra/path/contract.ts';
import { ssrcKey } from '../../../../infra/rtp/header.ts';
import { extendSequence } from '../../../../infra/rtp/sequence.ts';
import { Liveness } from '../../../../machines/forwarding/liveness.ts';
import { SentLately } from '../../../../machines/forwarding/sent-lately.ts';
import { SliceWatch } from '../../../../machines/forwarding/slice-watch.ts';
import { type Reception, StoppedStreams } from '../../../../machines/forwarding/stopped-streams.ts';
import type { PeerId, StreamName } from '../../../../machines/messages.ts';
import type { TransportEvent } from '../../../../machines/ports.ts';
import type { ProcessClock } from '../peer/process-clock.ts';
import type { Forwarding, Report } from './datagram.ts';
import type { TableInForce } from './table-in-force.ts';
import type { Wire } from './wire.ts';

export interface ReportsHost {
  readonly clock: ProcessClock;
  readonly inForce: Pick<TableInForce, 'path' | 'table' | 'sources' | 'placeOf'>;
  /** Whether this member says that it sends us this stream. */
  readonly expects: (owner: PeerId, stream: StreamName) => boolean;
  /** Takes note of when sender reports were written; null: nobody does. */
  readonly wire: Pick<Wire, 'shortNtp' | 'takeSenderReport'> | null;
  readonly send: (to: Endpoint, report: Report) => void;
  readonly tell: (events: readonly TransportEvent[]) => void;
}

export class Reports {
  readonly #host: ReportsHost;
  readonly #liveness = new Liveness();
  readonly #slices = new SliceWatch();
  readonly #stopped = new StoppedStreams();
  readonly #sentLately = new SentLately();

  constructor(host: ReportsHost) {
    this.#host = host;
  }

  /** The table is another one. */
  follow(): void {
    const { path, sources, table } = this.#host.inForce;
    const { members, relays } = table;
    const peers = members.map(({ peer }) => peer);
    this.#watchExpected();
    this.#sentLately.watch([...sources.keys()], peers);
    this.#liveness.watch(relays, peers, (ssrc) => path.own.newest(ssrc), this.#now());
  }

  /** Anything has come of this member. */
  heard(peer: PeerId): void {
    this.#host.tell(this.#liveness.heard(peer, this.#now()));
  }

  /** Media has come of some member, whoever's. */
  mediaCame(): void {
    this.#stopped.heard(this.#now());
  }

  /** A packet has come, and is what its source has sent. @param sequence extended by the cycles before it */
  arrived(ssrc: number, sequence: number): void {
    this.#slices.arrived(ssrc, sequence);
    this.#stopped.arrived(ssrc, sequence, this.#now());
  }

  /** A packet of an own stream leaves. */
  sent(ssrc: number, sequence: number): void {
    this.#sentLately.sent(ssrc, sequence, this.#now());
  }

  checkRelays(): void {
    this.#host.tell(this.#liveness.checkRelays(this.#now()));
  }

  checkMembers(): void {
    this.#host.tell(this.#liveness.checkMembers(this.#now()));
  }

  take(from: PeerId, report: Report): void {
    const { inForce, tell, wire } = this.#host;
    const nowMs = this.#now();
    this.#stopped.heard(nowMs);
    if (report.kind === 'stopped') this.#takeStopped(from, report.streams);
    else if (report.kind === 'report') {
      for (const { ssrc, packets } of report.streams) tell(this.#slices.reported(ssrc, packets));
      if (report.streams.length > 0) wire?.takeSenderReport(from, report.shortNtp);
    } else {
      for (const { ssrc, newest } of report.streams)
        if (inForce.sources.has(ssrc)) tell(this.#liveness.reported(from, ssrc, newest, nowMs));
    }
  }

  /** To owners of streams of which one has stopped. */
  tellStopped(): void {
    const { inForce, send } = this.#host;
    for (const { owner, streams } of this.#stopped.check(this.#now())) {
      const place = inForce.placeOf(owner);
      if (place !== undefined) send(place, { kind: 'stopped', streams });
    }
  }

  toClients(): void {
    const { path, table } = this.#host.inForce;
    const byClient = new Map<PeerId, { readonly to: Endpoint; readonly streams: Forwarding[] }>();
    for (const { client, ssrc, upstream: to } of table.relayed) {
      const newest = path.compiled.streams.get(ssrcKey(ssrc))?.state.window.highest;
      const streams = byClient.get(client)?.streams ?? [];
      streams.push({ ssrc, newest });
      byClient.set(client, { to, streams });
    }
    for (const { to, streams } of byClient.values()) this.#host.send(to, { kind: 'forwarding', streams });
  }

  toMembers(): void {
    const { inForce, send, wire } = this.#host;
    this.#watchExpected();
    const streams = [...inForce.sources].map(([ssrc, { packets }]) => ({ ssrc, packets }));
    for (const { address } of inForce.table.members)
      if (address !== null) send(address, { kind: 'report', streams, shortNtp: wire?.shortNtp() ?? 0 });
  }

  #takeStopped(receiver: PeerId, streams: readonly Reception[]): void {
    const { path, table } = this.#host.inForce;
    const nowMs = this.#now();
    const ssrc = this.#sentLately.missedOf(receiver, streams, nowMs);
    if (ssrc === undefined) return;
    const all = table.relays.map(({ relay }) => relay);
    const relays = this.#liveness.heardOf(all, nowMs);
    const acknowledged = streams.flatMap(({ ssrc: of, newest }) => {
      const sent = path.own.newest(of);
      return sent === undefined ? [] : [{ ssrc: of, sequence: extendSequence(sent, newest) }];
    });
    this.#host.tell([{ type: 'legs.withheld', receiver, ssrc, relays, acknowledged }]);
  }

  /** Who sends us what changes without a word to the media path: it is looked at with each report. */
  #watchExpected(): void {
    const { expects, inForce } = this.#host;
    const all = inForce.table.members.flatMap(({ peer: owner, streams }) =>
      streams.map(({ name: stream, ssrc }) => ({ owner, stream, ssrc })),
    );
    const expected = all.filter(({ owner, stream }) => expects(owner, stream));
    this.#slices.watch(expected);
    this.#stopped.watch(expected);
  }

  #now(): number {
    return this.#host.clock.now();
  }
}
