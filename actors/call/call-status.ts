/** What a call's table shows, gathered from the machines, the meters and the packet path. */
import type { PacketPath } from '../../infra/path/contract.ts';
import { plainListeners } from '../../machines/in-the-clear.ts';
import type { PeerId, StreamInfo, StreamName } from '../../machines/messages.ts';
import { SLICE_COUNT, sliceCount } from '../../machines/slices.ts';
import { type Member, othersOf, selfOf, sendsUs } from '../../machines/view.ts';
import type { CallWatch } from '../delivery/call-watch.ts';
import type { MeasuredDownlink } from '../downlink/measured-downlink.ts';
import type { AddressedTable } from '../media/addressed-table.ts';
import type { Transport } from '../media/transport.ts';
import type { PeerOptions } from '../options/contract.ts';
import type { Reach } from '../reach/reach.ts';
import { NO_FREEZES } from '../sink/freezes.ts';
import type { Meter } from '../sink/meter.ts';
import type { Source } from '../source/contract.ts';
import type {
  CallStatus,
  DownlinkStatus,
  MeasuredStatus,
  MemberStatus,
  ReceivedStream,
  StreamWays,
  TrustStatus,
  Way,
} from '../status/snapshot.ts';
import type { MeasuredUplink } from '../uplink/measured-uplink.ts';
import { isOverrated } from '../uplink/overrated.ts';
import type { UploadChoice } from '../uplink/upload.ts';
import { LineHistory } from './line-history.ts';
import { wayTo } from './pair-ways.ts';
import type { Participant } from './participant.ts';

/** How many of the newest packets tell which way a stream comes now. */
const RECENT_PACKETS = 64;
/** Rates and loss are measured over at least this long, in ms; in between, those before are shown. */
const WINDOW_MS = 900;
/** Loss of a single stream is told over so many of these: in one second of a voice every packet is two percent. */
const LOSS_WINDOWS = 5;

type Negotiation = NonNullable<Participant['negotiation']>;

/** What is read of a participant. */
export interface ObservedParticipant extends Pick<Participant, 'state' | 'view' | 'profile'> {
  readonly negotiation: Pick<Negotiation, 'busAway' | 'silent' | 'inForce' | 'rates' | 'relaying'> | undefined;
  readonly own: { readonly choice: Pick<UploadChoice, 'uploadBps'> };
  readonly upload: Pick<Participant['upload'], 'nowBps'>;
  readonly uplink: Pick<MeasuredUplink, 'state'> | null;
  readonly downlink: Pick<MeasuredDownlink, 'state'> | null;
  readonly transport: {
    readonly table: AddressedTable;
    readonly path: Pick<PacketPath, 'kind' | 'sentTo'>;
    readonly reach: Pick<Reach, 'statusOf'>;
    readonly receivers: Pick<Transport['receivers'], 'receiverReportsOf' | 'playerReportsOf'>;
  };
}

interface Observed {
  readonly options: Pick<PeerOptions, 'id' | 'room'>;
  readonly participant: ObservedParticipant;
  readonly meter: Meter;
  /** Of the own streams. */
  readonly sources: ReadonlyMap<StreamName, Source>;
  readonly trust: () => TrustStatus;
  readonly watch: Pick<CallWatch, 'reachOf' | 'reaches' | 'hasStopped' | 'drops'>;
}

interface Counted {
  readonly packets: number;
  readonly bytes: number;
  readonly highest: number;
}

/** Over the last window: bit/s, and packets that were to come and did not. */
interface Measured {
  readonly bps: number;
  readonly expected: number;
  readonly lost: number;
}

export class CallStatusReader {
  readonly #observed: Observed;
  readonly #line = new LineHistory();
  #atMs = 0;
  /** By peer and stream; see {@link keyOf}. */
  #counted = new Map<string, Counted>();
  /** The latest windows of each, the newest last. */
  #measured = new Map<string, readonly Measured[]>();
  /** By member: what has left for its address, and at which rate of late. */
  #outBytes: ReadonlyMap<PeerId, number> = new Map();
  #outBps: ReadonlyMap<PeerId, number> = new Map();

  constructor(observed: Observed) {
    this.#observed = observed;
  }

  /** The call at this moment. */
  read(nowMs: number, lines: readonly string[]): CallStatus {
    const { options, participant, sources, watch, trust } = this.#observed;
    if (nowMs - this.#atMs >= WINDOW_MS) this.#measure(nowMs);
    const { view, negotiation, upload, uplink, transport, profile } = participant;
    const self = view === undefined ? profile : selfOf(view);
    this.#line.note(uplink?.state.isToldBelieved ? undefined : uplink?.state.capacityBps, nowMs);
    return {
      id: options.id,
      name: self.name,
      room: options.room,
      state: participant.state,
      busConnected: !(negotiation?.busAway ?? false),
      trust: trust(),
      plain: view === undefined ? [] : plainListeners(view),
      packetPath: transport.path.kind,
      ...{ uploadBps: self.uploadBps, usableBps: self.usableBps, lendBps: self.lendBps, sendBps: upload.nowBps },
      measured: measuredStatus(participant, this.#line.pastBps),
      downlink: downlinkStatus(participant),
      promisedBps: [...(negotiation?.relaying.ledger.promised.values() ?? [])].reduce((sum, bps) => sum + bps, 0),
      streams: [...sources.keys()].map((stream) => ({
        stream,
        sendsBps: sources.get(stream)?.measuredBps() ?? 0,
        shouldBps: negotiation?.rates.get(stream) ?? 0,
        stopped: watch.hasStopped(stream),
      })),
      members: view === undefined ? [] : othersOf(view).map((member) => this.#member(member, nowMs)),
      drops: watch.drops,
      lines,
    };
  }

  #member(member: Member, nowMs: number): MemberStatus {
    const { id, name, compatible, leaving, streams } = member;
    const { participant, watch } = this.#observed;
    const { negotiation, transport } = participant;
    const measured = streams.flatMap(({ name }) => this.#measured.get(keyOf(id, name))?.at(-1) ?? []);
    const from = streams.map((stream) => this.#received(id, stream));
    return {
      ...{ id, name },
      state: negotiation?.silent.has(id) ? 'silent' : leaving ? 'leaving' : watch.reachOf(member, nowMs),
      compatible,
      way: wayTo(id, participant, relaysOf(from)),
      to: [...(negotiation?.inForce ?? [])].map(([stream, paths]) => ({
        stream,
        ways: [...((this.#sends(stream) && watch.reaches(id, stream) && paths.get(id)) || [])].map(
          ([relay, slices]) => ({
            relay,
            slices: sliceCount(slices),
          }),
        ),
      })),
      from,
      inBps: sumOf(measured, ({ bps }) => bps),
      outBps: this.#outBps.get(id) ?? 0,
      loss: measured.length === 0 ? null : lossOf(measured),
      reports: transport.receivers.receiverReportsOf(id),
      playerReports: transport.receivers.playerReportsOf(id),
      lentBps: sumOf(transport.table.relayed, ({ client, promisedBps }) => (client === id ? promisedBps : 0)),
    };
  }

  #received(owner: PeerId, { name: stream, media }: StreamInfo): ReceivedStream {
    const { participant, meter } = this.#observed;
    const measured = this.#measured.get(keyOf(owner, stream)) ?? [];
    const inBps = measured.at(-1)?.bps;
    const isSent = participant.view !== undefined && sendsUs(participant.view, owner, stream);
    const { stillMs, ...frozen } = media === 'video' ? meter.freezes(owner, stream) : NO_FREEZES;
    return {
      stream,
      // Its newest packets may be from long ago.
      ways: inBps === 0 ? [] : waysOf(owner, stream, meter),
      inBps: inBps ?? 0,
      loss: measured.every(({ expected }) => expected === 0) ? null : lossOf(measured),
      ...frozen,
      stillMs: isSent ? stillMs : 0,
    };
  }

  /** Nothing goes any way of a stream that sends nothing. */
  #sends(stream: StreamName): boolean {
    return (this.#observed.sources.get(stream)?.measuredBps() ?? 0) > 0;
  }

  #measure(nowMs: number): void {
    const { participant, meter } = this.#observed;
    const seconds = (nowMs - this.#atMs) / 1000;
    const counted = new Map<string, Counted>();
    const measured = new Map<string, readonly Measured[]>();
    for (const { id, streams } of participant.view === undefined ? [] : othersOf(participant.view)) {
      for (const { name } of streams) {
        const now = meter.reception(id, name);
        if (now === undefined) continue;
        const { packets, bytes, highestSequence: highest } = now;
        counted.set(keyOf(id, name), { packets, bytes, highest });
        const before = this.#counted.get(keyOf(id, name));
        // Fewer than before: the member has started anew.
        if (before === undefined || packets < before.packets) continue;
        const expected = Math.max(0, highest - before.highest);
        const lost = Math.max(0, expected - (packets - before.packets));
        const latest = this.#measured.get(keyOf(id, name))?.slice(1 - LOSS_WINDOWS) ?? [];
        measured.set(keyOf(id, name), [...latest, { bps: (8 * (bytes - before.bytes)) / seconds, expected, lost }]);
      }
    }
    this.#measureOut(seconds);
    this.#counted = counted;
    this.#measured = measured;
    this.#atMs = nowMs;
  }

  #measureOut(seconds: number): void {
    const { transport } = this.#observed.participant;
    const out = new Map<PeerId, number>();
    const outBps = new Map<PeerId, number>();
    for (const { peer: id, address } of transport.table.members) {
      const bytes = address === null ? 0 : transport.path.sentTo(address);
      out.set(id, bytes);
      // Its address may have been another's before it came.
      outBps.set(id, (8 * Math.max(0, bytes - (this.#outBytes.get(id) ?? bytes))) / seconds);
    }
    this.#outBytes = out;
    this.#outBps = outBps;
  }
}

/** No name holds a slash. */
function keyOf(peer: PeerId, stream: StreamName): string {
  return `${peer}/${stream}`;
}

function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}

/** Where nothing was due nothing is lost. */
function lossOf(measured: readonly Measured[]): number {
  const expected = sumOf(measured, ({ expected }) => expected);
  return expected === 0 ? 0 : sumOf(measured, ({ lost }) => lost) / expected;
}

function relaysOf(streams: readonly StreamWays[]): PeerId[] {
  return streams.flatMap(({ ways }) => ways.flatMap(({ relay }) => relay ?? []));
}

/** The ways of the newest packets, in sixteenths. */
function waysOf(owner: PeerId, stream: StreamName, meter: Meter): Way[] {
  const newest = meter.reception(owner, stream)?.highestSequence;
  if (newest === undefined) return [];
  const { via, received } = meter.window(owner, stream, newest - RECENT_PACKETS + 1, newest + 1);
  return [...via].map(([peer, packets]) => ({
    relay: peer === owner ? null : peer,
    slices: Math.max(1, Math.round((packets / received) * SLICE_COUNT)),
  }));
}

function downlinkStatus({ downlink }: Pick<ObservedParticipant, 'downlink'>): DownlinkStatus | null {
  const { capacityBps: lineBps, publishedBps: askedBps } = downlink?.state ?? {};
  return lineBps === undefined || askedBps === undefined ? null : { lineBps, askedBps };
}

function measuredStatus(
  { uplink, own }: Pick<ObservedParticipant, 'uplink' | 'own'>,
  pastBps: readonly number[],
): MeasuredStatus | null {
  if (uplink === null || uplink.state.isToldBelieved) return null;
  const { capacityBps, limitedBy } = uplink.state;
  const { uploadBps: toldBps } = own.choice;
  const overratedBps = isOverrated(uplink.state, toldBps) ? toldBps : null;
  return { lineBps: capacityBps ?? null, pastBps, limitedBy, overratedBps };
}
