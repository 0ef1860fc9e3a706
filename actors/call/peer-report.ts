/** What a peer tells a scenario script of itself: read from its machines, its meters and its sink. */
import type { PacketPath } from '../../infra/path/contract.ts';
import { legsThrough } from '../../machines/forwarding/paths.ts';
import type { PeerId } from '../../machines/messages.ts';
import { sliceHex } from '../../machines/slices.ts';
import { othersOf, selfOf } from '../../machines/view.ts';
import type { Drops } from '../delivery/drops.ts';
import type { Transport } from '../media/transport.ts';
import type { Reach } from '../reach/reach.ts';
import type { Meter } from '../sink/meter.ts';
import type { MeasuredUplink } from '../uplink/measured-uplink.ts';
import type { Command, PeerReport } from './control.ts';
import { wayTo } from './pair-ways.ts';
import type { Participant } from './participant.ts';

type Question = Extract<Command, { kind: 'control.ask' }>['body'];
type Agreement = PeerReport['agreements'][number];

type Negotiation = NonNullable<Participant['negotiation']>;

/** What is read of a participant. */
export interface ReportingParticipant extends Pick<Participant, 'view' | 'profile' | 'saturatedAt'> {
  readonly negotiation: Pick<Negotiation, 'asked' | 'inForce' | 'rates' | 'relaying'> | undefined;
  readonly upload: Pick<Participant['upload'], 'peakBps'>;
  readonly uplink: Pick<MeasuredUplink, 'state'> | null;
  readonly transport: Pick<Transport, 'repairs' | 'receivers'> & {
    readonly keyFrames: Pick<Transport['keyFrames'], 'counters'>;
    readonly reach: Pick<Reach, 'statusOf'>;
    readonly path: Pick<PacketPath, 'sentSequence'>;
  };
  readonly bus: Pick<Participant['bus'], 'counters'>;
}

/** How many of the newest packets tell which way a stream comes now. */
const RECENT_PACKETS = 100;

export function reportOf(
  question: Question,
  participant: ReportingParticipant,
  { meter, drops }: { readonly meter: Meter; readonly drops: Drops },
  nowMs: number,
): PeerReport {
  const { view, transport } = participant;
  const self = view === undefined ? participant.profile : selfOf(view);
  const others = view === undefined ? [] : othersOf(view).map(({ id }) => id);
  const streams = self.streams.map(({ name, group, ssrc }) => ({
    ...{ stream: name, group },
    sent: transport.path.sentSequence(ssrc) ?? null,
    rateBps: participant.negotiation?.rates.get(name) ?? 0,
  }));
  const receptions = receptionsOf(question, participant, meter, nowMs);
  return {
    request: question.request,
    compatible: self.compatible,
    uploadBps: self.uploadBps,
    line: lineOf(participant.uplink),
    peakSendBps: participant.upload.peakBps,
    members: others,
    sent: streams[0]?.sent ?? null,
    rateBps: streams[0]?.rateBps ?? 0,
    streams,
    receivers: others.flatMap((receiver) =>
      transport.receivers.receiverReportsOf(receiver).map((report) => ({ receiver, ...report })),
    ),
    players: others.flatMap((source) =>
      transport.receivers.playerReportsOf(source).map((report) => ({ source, ...report })),
    ),
    implausibleReports: others.reduce((sum, peer) => sum + transport.receivers.implausibleOf(peer), 0),
    keyFrames: transport.keyFrames.counters(),
    pairs: others.flatMap((peer) => {
      const way = wayTo(peer, participant, carriersOf(peer, receptions));
      return way === null ? [] : [{ peer, ...way }];
    }),
    receptions,
    agreements: [...asClient(participant), ...asRelay(participant)],
    saturatedAt: participant.saturatedAt,
    drops: { ...drops },
    received: { ...participant.bus.counters().received },
    repairs: transport.repairs,
  };
}

/** What is told of the line. */
export function lineOf(uplink: ReportingParticipant['uplink']): PeerReport['line'] {
  const { capacityBps, limitedBy, isToldBelieved } = uplink?.state ?? {};
  if (capacityBps === undefined || limitedBy === undefined || isToldBelieved) return null;
  return { bps: Math.round(capacityBps), limitedBy };
}

/** Who sent us the newest packets of a member, other than itself. */
function carriersOf(peer: PeerId, receptions: PeerReport['receptions']): PeerId[] {
  return receptions.flatMap(({ source, via }) => (source === peer ? Object.keys(via).filter((by) => by !== peer) : []));
}

function receptionsOf(
  question: Question,
  { view }: ReportingParticipant,
  meter: Meter,
  nowMs: number,
): PeerReport['receptions'] {
  const others = view === undefined ? [] : othersOf(view);
  return others.flatMap(({ id: source, streams }) =>
    streams.map(({ name: stream, media }, index) => {
      const total = meter.reception(source, stream);
      const asked = question.windows.find(
        (window) => window.source === source && (window.stream === undefined ? index === 0 : window.stream === stream),
      );
      const window = asked === undefined ? null : meter.window(source, stream, asked.from, asked.to);
      const arrivals = [...(total?.firstArrivalMs ?? [])];
      const relayed = arrivals.filter(([peer]) => peer !== source);
      const newest = total?.highestSequence ?? 0;
      const recent = meter.window(source, stream, newest - RECENT_PACKETS + 1, newest + 1);
      const { gapsSince } = question;
      return {
        source,
        stream,
        via: Object.fromEntries(recent.via),
        window: window && {
          received: window.received,
          duplicates: window.duplicates,
          via: Object.fromEntries(window.via),
        },
        longestGapMs: gapsSince === null ? null : meter.largestGapMs(source, stream, gapsSince, nowMs),
        latestMs: gapsSince === null || media === 'audio' ? null : meter.latestMs(source, stream, gapsSince),
        firstAt: earliest(arrivals),
        firstRelayedAt: earliest(relayed),
      };
    }),
  );
}

/** Of first arrivals, by sender. */
function earliest(arrivals: readonly (readonly [PeerId, number])[]): number | null {
  return arrivals.length === 0 ? null : Math.min(...arrivals.map(([, at]) => at));
}

function asClient({ negotiation, profile }: ReportingParticipant): Agreement[] {
  if (negotiation === undefined) return [];
  return [...negotiation.asked].flatMap(([relay, { id, granted }]) => {
    const state = granted.length === 0 ? 'asked' : 'active';
    return [...negotiation.inForce].flatMap(([stream, paths]) =>
      bySlices(legsThrough(paths, relay)).map((part) => ({ id, client: profile.id, relay, stream, ...part, state })),
    );
  });
}

/** What a relay has promised is in force at once. */
function asRelay({ negotiation, profile }: ReportingParticipant): Agreement[] {
  if (negotiation === undefined) return [];
  return [...negotiation.relaying.agreements.values()].flatMap(({ id, client, streams }) =>
    streams.flatMap(({ stream, legs }) =>
      bySlices(legs).map((part) => ({ id, client, relay: profile.id, stream, ...part, state: 'active' as const })),
    ),
  );
}

/** Legs with the same slices together. */
function bySlices(
  legs: readonly { readonly receiver: string; readonly slices: number }[],
): { receivers: string[]; slices: string }[] {
  const masks = new Map<number, string[]>();
  for (const { receiver, slices } of legs) masks.set(slices, [...(masks.get(slices) ?? []), receiver]);
  return [...masks].map(([slices, receivers]) => ({ receivers, slices: sliceHex(slices) }));
}
