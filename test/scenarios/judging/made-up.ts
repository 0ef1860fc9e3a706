/** Reports and runs made by hand, for the tests of what is made from them. */
import type { PeerReport } from '../../../actors/call/control.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { CAMERA, type Scenario } from '../scenario.ts';
import type { PairDelivery, Snapshot } from './delivery.ts';
import type { RunRecord } from './record.ts';

type Reception = PeerReport['receptions'][number];

export const SCENARIO: Scenario = { name: 'test', title: 'made up', peers: [], steps: [], expect: [] };

export function report(changes: Partial<PeerReport> = {}): PeerReport {
  return {
    ...{
      request: 1,
      compatible: true,
      uploadBps: 5e6,
      line: null,
      peakSendBps: 2e6,
      members: [],
      sent: null,
      rateBps: 1e6,
    },
    ...{
      receivers: [],
      players: [],
      implausibleReports: 0,
      pairs: [],
      keyFrames: { passed: 0, coalesced: 0, refused: 0, stray: 0 },
    },
    ...{ streams: [stream(null)], receptions: [], agreements: [], saturatedAt: null, received: {}, drops: {} },
    repairs: { asked: 0, recovered: 0, lost: 0, late: 0, answered: 0, escalated: 0, refused: 0, spared: 0 },
    ...changes,
  };
}

/** A camera. */
export function stream(sent: number | null, rateBps = 1e6): PeerReport['streams'][number] {
  return { stream: CAMERA, group: null, sent, rateBps };
}

export function reception(source: PeerId, changes: Partial<Reception> = {}): Reception {
  const nothing = { via: {}, window: null, longestGapMs: null, latestMs: null, firstAt: null, firstRelayedAt: null };
  return { source, stream: CAMERA, ...nothing, ...changes };
}

export function snapshot(reports: Readonly<Record<PeerId, Partial<PeerReport>>>): Snapshot {
  return new Map(Object.entries(reports).map(([id, changes]) => [id, report(changes)]));
}

export function agreement(client: PeerId, relay: PeerId, receivers: PeerId[]): PeerReport['agreements'][number] {
  return { id: `${client}.1`, client, relay, stream: CAMERA, receivers, slices: 'ffff', state: 'active' };
}

/** A pair that got all of 100 packets, unless `changes` says otherwise. */
export function pair(source: PeerId, receiver: PeerId, changes: Partial<PairDelivery> = {}): PairDelivery {
  return {
    source,
    stream: CAMERA,
    receiver,
    via: ['direct'],
    expected: 100,
    received: 100,
    lost: 0,
    duplicates: 0,
    ...changes,
  };
}

/** A run of two peers in which all went well, unless `changes` says otherwise. */
export function run(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    scenario: SCENARIO,
    seconds: 5,
    reports: [snapshot({ A: {}, B: {} })],
    unsettled: [],
    departures: [],
    changes: [],
    pairs: [pair('A', 'B'), pair('B', 'A')],
    present: ['A', 'B'],
    ...{ frames: null, decoded: null, phone: null },
    ...changes,
  };
}
