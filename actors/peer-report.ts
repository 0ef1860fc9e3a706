/** What a peer tells a scenario script of itself: read from its machines, its meters and its sink. */
import { legsThrough } from '../machines/paths.ts';
import { sliceHex } from '../machines/slices.ts';
import { othersOf, selfOf } from '../machines/view.ts';
import type { Command, PeerReport } from './control.ts';
import type { Participant } from './participant.ts';
import type { Meter } from './sink/meter.ts';

type Question = Extract<Command, { kind: 'control.ask' }>['body'];
type Agreement = PeerReport['agreements'][number];

/** How many of the newest packets tell which way a source comes now. */
const RECENT_PACKETS = 100;

export function reportOf(question: Question, participant: Participant, meter: Meter, nowMs: number): PeerReport {
  const { view, transport } = participant;
  const self = view === undefined ? participant.profile : selfOf(view);
  const ssrc = self.source?.ssrc;
  return {
    request: question.request,
    compatible: self.compatible,
    uploadBps: self.uploadBps,
    peakSendBps: participant.upload.peakBps,
    members: view === undefined ? [] : othersOf(view).map(({ id }) => id),
    sent: (ssrc === undefined ? undefined : transport.path.sentSequence(ssrc)) ?? null,
    rateBps: participant.negotiation?.rateBps ?? 0,
    receptions: receptionsOf(question, participant, meter, nowMs),
    agreements: [...asClient(participant), ...asRelay(participant)],
    saturatedAt: participant.saturatedAt,
    received: { ...participant.bus.counters().received },
  };
}

function receptionsOf(
  question: Question,
  { view }: Participant,
  meter: Meter,
  nowMs: number,
): PeerReport['receptions'] {
  const sources = view === undefined ? [] : othersOf(view).filter(({ source }) => source !== null);
  return sources.map(({ id: source }) => {
    const total = meter.reception(source);
    const asked = question.windows.find((window) => window.source === source);
    const window = asked === undefined ? null : meter.window(source, asked.from, asked.to);
    const relayed = [...(total?.firstArrivalMs ?? [])].filter(([peer]) => peer !== source).map(([, at]) => at);
    const newest = total?.highestSequence ?? 0;
    const recent = meter.window(source, newest - RECENT_PACKETS + 1, newest + 1);
    return {
      source,
      via: Object.fromEntries(recent.via),
      window: window && {
        received: window.received,
        duplicates: window.duplicates,
        via: Object.fromEntries(window.via),
      },
      longestGapMs: question.gapsSince === null ? null : meter.largestGapMs(source, question.gapsSince, nowMs),
      firstRelayedAt: relayed.length === 0 ? null : Math.min(...relayed),
    };
  });
}

function asClient({ negotiation, profile }: Participant): Agreement[] {
  if (negotiation === undefined) return [];
  return [...negotiation.asked].flatMap(([relay, { id, granted }]) => {
    const inUse = legsThrough(negotiation.inForce, relay);
    const state = granted.length === 0 ? 'asked' : 'active';
    return bySlices(inUse).map((part) => ({ id, client: profile.id, relay, ...part, state }));
  });
}

function asRelay({ negotiation, profile }: Participant): Agreement[] {
  if (negotiation === undefined) return [];
  return [...negotiation.relaying.agreements.values()].flatMap(({ id, client, inForce, offered }) => {
    const state = inForce === null ? 'asked' : 'active';
    return bySlices((inForce ?? offered)?.legs ?? []).map((part) => ({
      id,
      client,
      relay: profile.id,
      ...part,
      state,
    }));
  });
}

/** Legs with the same slices together. */
function bySlices(
  legs: readonly { readonly receiver: string; readonly slices: number }[],
): { receivers: string[]; slices: string }[] {
  const masks = new Map<number, string[]>();
  for (const { receiver, slices } of legs) masks.set(slices, [...(masks.get(slices) ?? []), receiver]);
  return [...masks].map(([slices, receivers]) => ({ receivers, slices: sliceHex(slices) }));
}
