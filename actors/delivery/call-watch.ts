/** Looks twice a second at a whole call: does what others send arrive, does what we send, do our programs run, what is dropped? */

import type { PacketPath } from '../../infra/path/contract.ts';
import { endpointText } from '../../infra/path/table/addresses.ts';
import type { PeerId, StreamName } from '../../machines/messages.ts';
import { type Member, othersOf, sendsUs, type View } from '../../machines/view.ts';
import type { Participant } from '../call/participant.ts';
import type { AddressedTable } from '../media/addressed-table.ts';
import type { Sealing } from '../media/sealing/sealing.ts';
import type { Meter } from '../sink/meter.ts';
import type { Source } from '../source/contract.ts';
import { ArrivalWatch, type ExpectedStream } from './arrivals.ts';
import { type DeliveryNews, MISSING_AFTER_MS } from './contract.ts';
import { DepartureWatch, type ServedReceiver } from './departures.ts';
import { type Drops, DropWatch, dropsOf } from './drops.ts';
import { Heard } from './heard.ts';
import { type Fed, ProgramWatch } from './programs.ts';

/**
 * What packets say of a member. `live`: its packets come. `connecting`: none yet, and it is new. `unheard`: none. `missing`: none of
 * a stream, though others come. `unreached`: it does not get ours. `lossy`: many are lost, either way.
 */
export type Reach = 'live' | 'connecting' | 'unheard' | 'missing' | 'unreached' | 'lossy';

/** What is read of a participant. */
export interface WatchedParticipant {
  readonly view: View | undefined;
  readonly negotiation: Pick<NonNullable<Participant['negotiation']>, 'silent' | 'inForce'> | undefined;
  readonly transport: {
    readonly table: AddressedTable;
    readonly path: Pick<PacketPath, 'counters'>;
    readonly sealing: Pick<Sealing, 'refused'>;
  };
}

export interface WatchedCall {
  readonly participant: WatchedParticipant;
  readonly meter: Pick<Meter, 'reception'>;
  /** Of the own streams, as they come and go. */
  readonly sources: ReadonlyMap<StreamName, Pick<Source, 'counters' | 'rateBps'>>;
}

export class CallWatch {
  /** Give it all RTCP of members. */
  readonly heard = new Heard();
  readonly #call: WatchedCall;
  readonly #arrivals = new ArrivalWatch();
  readonly #departures = new DepartureWatch();
  readonly #programs = new ProgramWatch();
  readonly #drops = new DropWatch();
  /** When each member was first seen. */
  #since = new Map<PeerId, number>();

  constructor(call: WatchedCall) {
    this.#call = call;
  }

  /** To be called twice a second or so, on the clock of {@link heard}. @returns what a person wants to know of it */
  observe(nowMs: number): DeliveryNews[] {
    const { view } = this.#call.participant;
    const members = view === undefined ? [] : othersOf(view);
    this.#since = new Map(members.map(({ id }) => [id, this.#since.get(id) ?? nowMs]));
    this.heard.keepOnly(new Set(members.map(({ id }) => id)));
    return [
      ...this.#arrivals.observe(view === undefined ? [] : this.#expected(view, members, nowMs), nowMs),
      ...this.#departures.observe(this.#served(members, nowMs), nowMs),
      ...this.#programs.observe(this.#fed(), nowMs),
      ...this.#drops.observe(this.drops, nowMs),
    ];
  }

  reachOf(member: Member, nowMs: number): Reach {
    const { id, streams } = member;
    const own = [...this.#call.sources.keys()].map((name) => this.#departures.causeOf(id, name));
    const causes = [...streams.map(({ name }) => this.#arrivals.causeOf(id, name)), ...own];
    if (causes.includes('silence')) return 'unheard';
    if (own.includes('lost')) return 'unreached';
    if (causes.includes('lost')) return 'missing';
    if (causes.includes('loss')) return 'lossy';
    // Who speaks no RPR need not report.
    if (!member.compatible || !this.#isSilent(member, nowMs)) return 'live';
    return nowMs - (this.#since.get(id) ?? nowMs) < MISSING_AFTER_MS ? 'connecting' : 'unheard';
  }

  /** Does an own stream get to a receiver, as far as is known? */
  reaches(peer: PeerId, stream: StreamName): boolean {
    const cause = this.#departures.causeOf(peer, stream);
    return cause === undefined || cause === 'loss';
  }

  hasStopped(stream: StreamName): boolean {
    return this.#programs.hasStopped(stream);
  }

  /** All of the call. */
  get drops(): Drops {
    const { participant, sources } = this.#call;
    const rejected = [...sources.values()].map((source) => source.counters().rejected);
    return dropsOf(participant.transport.path.counters(), rejected, participant.transport.sealing.refused);
  }

  #expected(view: View, members: readonly Member[], nowMs: number): ExpectedStream[] {
    return members
      .filter((member) => this.#isThere(member))
      .flatMap((member) => {
        const { id: peer, streams } = member;
        const expected = streams.filter(({ name }) => sendsUs(view, peer, name));
        return expected.map(({ name: stream, ssrc }) => {
          const reception = this.#call.meter.reception(peer, stream);
          const numbers = reception === undefined ? 0 : reception.highestSequence - reception.firstSequence + 1;
          return {
            ...{ peer, stream, address: this.#placeOf(member), received: reception?.packets ?? 0, expected: numbers },
            ...{ sent: this.heard.sentBy(peer, ssrc), silent: this.#isSilent(member, nowMs) },
          };
        });
      });
  }

  #served(members: readonly Member[], nowMs: number): ServedReceiver[] {
    const { negotiation, transport } = this.#call.participant;
    const receivers = new Map(members.filter((member) => this.#isThere(member)).map((member) => [member.id, member]));
    return [...(negotiation?.inForce ?? [])].flatMap(([stream, paths]) => {
      const ssrc = transport.table.own.find((own) => own.stream === stream)?.ssrc;
      const sent = this.#call.sources.get(stream)?.counters().packets ?? 0;
      return [...paths].flatMap(([peer, ways]) => {
        const member = receivers.get(peer);
        if (member === undefined || ssrc === undefined || ways.size === 0) return [];
        const { compatible: reports } = member;
        const silent = this.#isSilent(member, nowMs);
        const heard = { heardMs: this.heard.lastMs(peer), block: this.heard.block(peer, ssrc) };
        return [{ peer, stream, address: this.#placeOf(member), reports, sent, silent, ...heard }];
      });
    });
  }

  /** The streams that programs feed. */
  #fed(): Fed[] {
    const { participant, sources } = this.#call;
    return participant.transport.table.own.flatMap(({ stream, media }) => {
      const source = sources.get(stream);
      return source?.rateBps === null ? [{ stream, media, packets: source.counters().packets }] : [];
    });
  }

  /** Where it is sent to; where no way leads to it, where it says that it is. */
  #placeOf({ id, media }: Member): string {
    const { members } = this.#call.participant.transport.table;
    return endpointText(members.find(({ peer }) => peer === id)?.address ?? media);
  }

  /** Media that comes through a relay is a sign of life too. */
  #isSilent({ id, streams }: Member, nowMs: number): boolean {
    const heardMs = this.heard.lastMs(id);
    if (heardMs !== undefined && nowMs - heardMs < MISSING_AFTER_MS) return false;
    return !streams.some(({ name }) => this.#arrivals.arrives(id, name, nowMs));
  }

  /** Of who is silent on the bus, or leaves, the bus has told. */
  #isThere({ id, leaving }: Member): boolean {
    return !leaving && !(this.#call.participant.negotiation?.silent.has(id) ?? false);
  }
}
