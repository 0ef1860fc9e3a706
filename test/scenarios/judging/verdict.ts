/** From the record of a run to its verdict: the document that `--json` prints. */
import type { PeerReport } from '../../../actors/call/control.ts';
import { deliveredShare, isServed, type PairDelivery } from './delivery.ts';
import { type Finding, findingsOf, relayDelayMs } from './expectations.ts';
import type { PhoneRecord } from './phones.ts';
import { lastReports, type RunRecord } from './record.ts';

export type Role = 'client' | 'relay';
type Agreement = PeerReport['agreements'][number];

/** What reached whom, and of a picture in a page also how many frames the page decoded of it. */
export type JudgedPair = PairDelivery & { readonly framesDecoded?: number };

/** All rates are bit/s; counts are packets of the settled window. */
export interface Verdict {
  readonly scenario: string;
  readonly ok: boolean;
  /** Everybody who took part, also those who have gone. */
  readonly peers: readonly {
    readonly id: string;
    readonly compatible: boolean;
    readonly uploadBps: number;
    /** The highest one-second average of UDP payload sent, of everything the peer sends. */
    readonly peakSendBps: number;
    /** What the peer was at any time of the run. */
    readonly roles: readonly Role[];
  }[];
  readonly pairs: readonly JudgedPair[];
  /** As both sides know them at the end; where they differ, as the relay does. */
  readonly agreements: readonly Agreement[];
  /** 0..1 */
  readonly delivered: number;
  /** Peers that sent more than they have. */
  readonly overCapacity: readonly string[];
  /** The longest time without a packet at a receiver whose relay went, ms; `null` where nobody went. */
  readonly gapMs: number | null;
  /** For each client: from the message that made it saturated to its first packet received through a relay, ms. */
  readonly relayMs: readonly number[];
  /** Left out where nobody is a phone. */
  readonly phone?: PhoneRecord;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
}

/** Judges a run: by what holds for every scenario, and by what this one is about. */
export function judgementOf(run: RunRecord): Judgement {
  const findings = findingsOf(run);
  const peers = peersOf(run);
  const overCapacity = peers.filter(({ uploadBps, peakSendBps }) => peakSendBps > uploadBps).map(({ id }) => id);
  const served = run.pairs.length > 0 && run.pairs.every(isServed);
  const ok = served && overCapacity.length === 0 && run.unsettled.length === 0 && findings.every(({ met }) => met);
  const verdict: Verdict = {
    scenario: run.scenario.name,
    ok,
    peers,
    pairs: run.pairs.map((pair) => ({ ...pair, ...framesOf(pair, run) })),
    agreements: agreementsOf(run),
    delivered: deliveredShare(run.pairs),
    overCapacity,
    gapMs: gapOf(run),
    ...(run.phone === null ? {} : { phone: run.phone }),
    relayMs: run.scenario.peers.flatMap(({ id }) => relayDelayMs(id, run) ?? []).map(Math.round),
  };
  return { verdict, findings };
}

/** Pages name a group, where packets have the name of a layer. */
function framesOf({ source, stream, receiver }: PairDelivery, run: RunRecord): Pick<JudgedPair, 'framesDecoded'> {
  const group =
    lastReports(run)
      .get(source)
      ?.streams.find((each) => each.stream === stream)?.group ?? stream;
  const decoded = run.decoded?.find(
    (each) => each.source === source && each.stream === group && each.receiver === receiver,
  );
  return decoded === undefined ? {} : { framesDecoded: decoded.frames };
}

function peersOf(run: RunRecord): Verdict['peers'] {
  const everything = run.reports.flatMap((snapshot) => [...snapshot.values()]);
  const active = everything.flatMap(({ agreements }) => agreements).filter(({ state }) => state === 'active');
  const clients = new Set(active.map(({ client }) => client));
  const relays = new Set(active.map(({ relay }) => relay));
  return [...lastReports(run)].sort(byId).map(([id, { compatible }]) => {
    const own = run.reports.flatMap((snapshot) => snapshot.get(id) ?? []);
    const roles: Role[] = [
      ...(clients.has(id) ? ['client' as const] : []),
      ...(relays.has(id) ? ['relay' as const] : []),
    ];
    return {
      id,
      compatible,
      // Its upload may have been changed on the way: the peak may be from when it was higher.
      uploadBps: Math.max(...own.map(({ uploadBps }) => uploadBps)),
      peakSendBps: Math.round(Math.max(...own.map(({ peakSendBps }) => peakSendBps))),
      roles,
    };
  });
}

function byId([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function agreementsOf(run: RunRecord): Agreement[] {
  const last = lastReports(run);
  const merged = new Map<string, Agreement>();
  for (const id of run.present) {
    for (const agreement of last.get(id)?.agreements ?? []) {
      const key = keyOf(agreement);
      if (agreement.relay === id || !merged.has(key)) merged.set(key, agreement);
    }
  }
  return [...merged.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ id, stream, slices }: Agreement): string {
  return `${id} ${stream} ${slices}`;
}

/** Of the sources that the run is about, where it says so; of all of them where it does not. */
function gapOf({ scenario, departures }: RunRecord): number | null {
  const sources = scenario.expect.flatMap((expected) =>
    expected.see === 'recovered' || expected.see === 'handedOver' ? [expected.source] : [],
  );
  const gaps = departures.flatMap(({ gapMs }) =>
    [...gapMs].filter(([source]) => sources.length === 0 || sources.includes(source)).map(([, gap]) => gap),
  );
  return gaps.length === 0 ? null : Math.round(Math.max(...gaps));
}
