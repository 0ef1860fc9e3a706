/** Whether what a scenario is about was seen in a run of it. */
import { formatRate } from '../../../infra/units/rate.ts';
import { type PeerId, SESSION_KINDS, type StreamName } from '../../../machines/messages.ts';
import { ALL_SLICES, sliceHex } from '../../../machines/slices.ts';
import type { Expectation } from '../scenario.ts';
import { hasPage, streamsOf } from '../scenario.ts';
import { DIRECT, isServed, type PairDelivery } from './delivery.ts';
import { type DecodedPicture, LEAST_FRAMES_PER_S } from './pictures.ts';
import { compareRates, deviation, offPlan } from './rates.ts';
import { lastReports, type RunRecord } from './record.ts';

export interface Finding {
  readonly met: boolean;
  readonly text: string;
}

/** Fewer decoded frames than this prove little: one second of the video. */
const LEAST_FRAMES = 30;

type Judge<S extends Expectation['see']> = (expected: Extract<Expectation, { see: S }>, run: RunRecord) => Finding;

const JUDGES: { readonly [S in Expectation['see']]: Judge<S> } = {
  relayed: ({ peer }, run) => {
    const took = relayDelayMs(peer, run);
    const relays = relaysFor(peer, run);
    if (took === null) return { met: false, text: `${peer} never reached anybody through a relay` };
    const when = `first packet ${formatMs(took)} after ${peer} ran out of upload`;
    if (relays.length === 0) return { met: false, text: `${peer} was relayed (${when}), but not at the end` };
    return { met: true, text: `${peer} is relayed by ${relays.join(' and ')}: ${when}` };
  },
  relayedTo: ({ source, receiver }, { pairs }) => {
    const via = pairs
      .filter((pair) => pair.source === source && pair.receiver === receiver)
      .flatMap((pair) => pair.via);
    const ways = [...new Set(via)].join(', ') || 'no way at all';
    return { met: via.some((way) => way !== DIRECT), text: `${receiver} gets ${source}'s packets by ${ways}` };
  },
  leftAlone: ({ peer }, run) => {
    const received = Object.keys(lastReports(run).get(peer)?.received ?? {});
    const foreign = received.filter((kind) => !SESSION_KINDS.some((known) => known === kind));
    if (received.length === 0) return { met: false, text: `${peer} was never called` };
    if (foreign.length > 0) return { met: false, text: `${peer} was sent ${foreign.join(', ')}` };
    return { met: true, text: `${peer} was sent no message of RPR's own, only ${received.sort().join(', ')}` };
  },
  handedOver: ({ source }, { departures }) => {
    const departure = departures.findLast(({ how }) => how === 'leave');
    if (departure === undefined) return { met: false, text: `nobody left while ${source} was sending` };
    const own = departure.deliveries.filter((pair) => pair.source === source);
    const lost = own.reduce((sum, pair) => sum + pair.lost, 0);
    const expected = own.reduce((sum, pair) => sum + pair.expected, 0);
    const text = `${departure.peer} left: ${lost} of ${expected} packets of ${source} were lost over the hand-over`;
    return { met: expected > 0 && lost === 0, text };
  },
  recovered: ({ source }, { departures, pairs }) => {
    const departure = departures.findLast(({ how }) => how === 'kill');
    const gap = departure?.gapMs.get(source);
    const served = pairs.filter((pair) => pair.source === source && pair.received > 0);
    const met = gap !== undefined && served.length === pairs.filter((pair) => pair.source === source).length;
    if (departure === undefined || !met) return { met: false, text: `${source} did not recover` };
    const lost = departure.deliveries
      .filter((pair) => pair.source === source)
      .reduce((sum, pair) => sum + pair.lost, 0);
    const text = `${departure.peer} was killed: ${source}'s receivers waited ${formatMs(gap)} at most and miss ${lost} packets`;
    return { met, text };
  },
  voicesWhole: (_, run) => {
    const voices = voicesIn(run.pairs, run);
    const pieces = [...lastReports(run).values()]
      .flatMap(({ agreements }) => agreements)
      .filter(({ client, stream, slices }) => isVoice(client, stream, run) && slices !== sliceHex(ALL_SLICES));
    const whole = voices.filter((pair) => isServed(pair) && pair.via.length === 1);
    const relayed = whole.filter(({ via }) => !via.includes(DIRECT)).length;
    const text = `${whole.length} of ${voices.length} voices come whole, ${relayed} of them over one relay`;
    return { met: voices.length > 0 && whole.length === voices.length && pieces.length === 0, text };
  },
  voicesKept: (_, run) => {
    const change = run.changes.at(-1);
    if (change === undefined) return { met: false, text: 'no upload changed' };
    const voices = voicesIn(change.deliveries, run);
    const lost = voices.reduce((sum, pair) => sum + pair.lost, 0);
    const expected = voices.reduce((sum, pair) => sum + pair.expected, 0);
    const upload = `${change.peer}'s upload became ${formatRate(change.uploadBps)}`;
    return { met: expected > 0 && lost === 0, text: `${upload}: ${lost} of ${expected} packets of voices were lost` };
  },
  plannedRates: (_, run) => {
    const rates = compareRates(run);
    const worst = Math.max(0, ...rates.map(deviation));
    const sum = rates.reduce((total, { rateBps }) => total + rateBps, 0);
    const wrong = offPlan(rates);
    const text =
      wrong.length === 0
        ? `${rates.length} streams run within ${(worst * 100).toFixed(1)} % of their planned rates, ${formatRate(sum)} together`
        : wrong.join(', ');
    return { met: rates.length > 0 && wrong.length === 0, text };
  },
  decoded: (_, { scenario, present, decoded, seconds }) => {
    const pages = scenario.peers.filter((peer) => hasPage(peer) && present.includes(peer.id)).map(({ id }) => id);
    const frames = pages.flatMap((receiver) =>
      pages.filter((source) => source !== receiver).map((source) => framesFrom(source, receiver, decoded ?? [])),
    );
    const moving = frames.filter((count) => count >= LEAST_FRAMES_PER_S * seconds).length;
    const least = (Math.min(...frames) / seconds).toFixed(1);
    const text = `${moving} of ${frames.length} pictures move in the pages, at ${least} frames a second or more`;
    return { met: frames.length > 0 && moving === frames.length, text };
  },
  phoneShows: ({ peer, source }, { phone }) => {
    const views = phone?.views ?? [];
    const right = views.filter(({ shows, moves }) => shows === source && moves).length;
    const text = `${peer}'s phone showed the moving picture of ${source} in ${right} of ${views.length} looks`;
    return { met: views.length > 0 && right === views.length, text };
  },
  phoneLosesNothing: ({ peer }, { phone, departures }) => {
    const { audio, video } = phone?.lost ?? {};
    const gone = departures.flatMap(({ deliveries }) => deliveries).filter(({ receiver }) => receiver === peer);
    const missed = gone.reduce((sum, { lost }) => sum + lost, 0);
    const told = `${peer}'s phone reports ${video ?? 'nothing'} packets of its picture lost, and ${audio ?? 'nothing'} of its sound`;
    return { met: audio === 0 && video !== undefined && video <= missed, text: `${told}; ${peer} missed ${missed}` };
  },
  sameFrames: ({ source }, { frames }) => {
    if (frames === null) return { met: false, text: `no video of ${source} was decoded` };
    const { compared, equal } = frames;
    const text = `${equal} of ${compared} decoded frames are the same behind the relay and directly`;
    return { met: compared >= LEAST_FRAMES && equal === compared, text };
  },
};

/** Judges everything that the scenario says must be seen, in its order. */
export function findingsOf(run: RunRecord): Finding[] {
  return run.scenario.expect.map((expected) => judge(expected, run));
}

function judge<S extends Expectation['see']>(expected: Extract<Expectation, { see: S }>, run: RunRecord): Finding {
  const decide: Judge<S> = JUDGES[expected.see as S];
  return decide(expected, run);
}

function framesFrom(source: PeerId, receiver: PeerId, decoded: readonly DecodedPicture[]): number {
  return decoded
    .filter((each) => each.source === source && each.receiver === receiver)
    .reduce((sum, { frames }) => sum + frames, 0);
}

function voicesIn(deliveries: readonly PairDelivery[], run: RunRecord): PairDelivery[] {
  return deliveries.filter(({ source, stream }) => isVoice(source, stream, run));
}

function isVoice(source: PeerId, stream: StreamName, { scenario }: RunRecord): boolean {
  const spec = scenario.peers.find(({ id }) => id === source);
  return spec !== undefined && streamsOf(spec).some(({ name, media }) => name === stream && media === 'audio');
}

function formatMs(ms: number): string {
  return `${Math.round(ms)} ms`;
}

/** Who carries the peer's source in the settled window. */
function relaysFor(peer: PeerId, { pairs }: RunRecord): string[] {
  const ways = pairs.filter(({ source }) => source === peer).flatMap(({ via }) => via);
  return [...new Set(ways)].filter((way) => way !== DIRECT).sort();
}

/**
 * From the message that made a peer ask for relaying to the first of its packets that came through a relay, ms; `null`
 * where that never happened.
 */
export function relayDelayMs(peer: PeerId, run: Pick<RunRecord, 'reports'>): number | null {
  const last = lastReports(run);
  const saturatedAt = last.get(peer)?.saturatedAt ?? null;
  const arrivals = [...last.values()].flatMap(({ receptions }) =>
    receptions.filter(({ source }) => source === peer).flatMap(({ firstRelayedAt }) => firstRelayedAt ?? []),
  );
  return saturatedAt === null || arrivals.length === 0 ? null : Math.min(...arrivals) - saturatedAt;
}
