/** Plays a scenario: real processes, a real NATS server, real UDP; from the first start to the record of what happened. */
import { ensureProgram } from '../../../infra/setup/program.ts';
import { formatRate } from '../../../infra/units/rate.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { DIRECT, type PairDelivery, type Snapshot } from '../judging/delivery.ts';
import type { PhoneView } from '../judging/phones.ts';
import { decodedBetween } from '../judging/pictures.ts';
import { compareRates, offPlan } from '../judging/rates.ts';
import type { Change, Departure, RunRecord } from '../judging/record.ts';
import { hasPhone, type Scenario, type Step } from '../scenario.ts';
import { inRoom, type OpenRoom, type RoomOptions } from './in-room.ts';
import { Measurement } from './measurement.ts';
import { Recordings, VideoFeed } from './video.ts';

export interface RunOptions extends RoomOptions {
  /** Length of the settled window. */
  readonly seconds: number;
  /** Where to keep what a page shows at the end, as PNG. */
  readonly picture?: string;
}

/** What a run works with. */
interface Stage extends OpenRoom {
  readonly scenario: Scenario;
  readonly feed: VideoFeed;
  readonly say: (line: string) => void;
}

/**
 * @throws {ScenarioError} where it could not be played to its end
 * @throws {NatsError} where there is no NATS server and none can be started
 * @throws {ProgramMissingError} where a program is neither installed nor installable
 */
export function runScenario(scenario: Scenario, options: RunOptions): Promise<RunRecord> {
  const { say = () => undefined } = options;
  const { sites } = scenario;
  return inRoom(scenario.peers, { ...options, ...(sites && { sites }) }, async (open) => {
    await using feed = new VideoFeed();
    return await play({ ...open, scenario, feed, say }, options);
  });
}

async function play(stage: Stage, { seconds, picture }: RunOptions): Promise<RunRecord> {
  const { scenario, room, pages, phones, signal, say } = stage;
  await startVideo(stage);
  const unsettled: string[] = [];
  const departures: Departure[] = [];
  const changes: Change[] = [];
  const views: PhoneView[] = [];
  const look = async () => {
    const view = await phones?.look(room.present);
    if (view) views.push(view);
  };
  for (const step of scenario.steps) {
    const { departed, changed } = await take(step, stage, unsettled);
    departures.push(...departed);
    changes.push(...changed);
    say(unsettled.length === 0 ? 'settled' : `not settled: ${unsettled.join('; ')}`);
    await look();
  }
  await using recordings = await startRecordings(stage);
  say(`measuring ${seconds} s`);
  const measurement = await Measurement.start(room);
  const before = await pages?.decoded();
  await measurement.run(seconds * 1000, signal);
  const pairs = await measurement.finish();
  const decoded = pages === null ? null : decodedBetween(before ?? [], await pages.decoded());
  if (picture !== undefined) await pages?.keepPicture(mostInteresting(pairs), picture);
  await look();
  const frames = await recordings.compare(signal);
  await room.ask();
  const { reports } = room;
  const present = [...room.present];
  const caller = scenario.peers.find(hasPhone)?.id;
  const phone = caller === undefined ? null : { views, lost: room.process(caller)?.phoneLost ?? {} };
  return { scenario, seconds, reports, unsettled, departures, changes, pairs, present, frames, decoded, phone };
}

/** Who gets something through a relay, which is what there is to show; where nobody does, anybody. */
function mostInteresting(pairs: readonly PairDelivery[]): PeerId {
  return (pairs.find(({ via }) => via.some((way) => way !== DIRECT)) ?? pairs[0])?.receiver ?? '';
}

/** Who went, and whose upload is another one. */
interface Happened {
  readonly departed: readonly Departure[];
  readonly changed: readonly Change[];
}

/** Lets one thing happen and the room settle after it. What keeps it from settling is added to `unsettled`. */
async function take(step: Step, stage: Stage, unsettled: string[]): Promise<Happened> {
  const { room } = stage;
  const settle = async () => void unsettled.push(...(await room.settle((now) => missingRates(stage, now))));
  switch (step.do) {
    case 'join':
      for (const id of step.peers) await room.join(id);
      await settle();
      return { departed: [], changed: [] };
    case 'upload':
      return { departed: [], changed: [await change(await room.find(step.peer), step.uploadBps, stage, settle)] };
    case 'leave':
    case 'kill':
      return { departed: [await depart(step.do, await room.find(step.peer), stage, settle)], changed: [] };
  }
}

/** Where a scenario is about rates, a room has settled only once they are the planned ones: till then it is still changing. */
function missingRates({ scenario, room }: Stage, now: Snapshot): string[] {
  if (!scenario.expect.some(({ see }) => see === 'plannedRates')) return [];
  return offPlan(compareRates({ scenario, present: [...room.present], reports: [now] }));
}

async function change(
  peer: PeerId,
  uploadBps: number,
  { room, say }: Stage,
  settle: () => Promise<void>,
): Promise<Change> {
  say(`${peer}'s upload becomes ${formatRate(uploadBps)}`);
  const measurement = await Measurement.start(room);
  room.script.tell(peer, { kind: 'control.upload', body: { uploadBps } });
  await settle();
  return { peer, uploadBps, deliveries: await measurement.finish() };
}

async function depart(
  how: 'leave' | 'kill',
  peer: PeerId,
  { room, say }: Stage,
  settle: () => Promise<void>,
): Promise<Departure> {
  say(how === 'kill' ? `${peer} is killed` : `${peer} is told to leave`);
  const measurement = await Measurement.start(room);
  const since = performance.timeOrigin + performance.now();
  await room.dismiss(peer, how);
  await settle();
  const deliveries = await measurement.finish();
  const answers = await room.ask({ gapsSince: since });
  const gapMs = new Map<PeerId, number>();
  for (const { receptions } of answers.values()) {
    for (const { source, longestGapMs } of receptions) {
      if (longestGapMs === null || source === peer) continue;
      gapMs.set(source, Math.max(longestGapMs, gapMs.get(source) ?? 0));
    }
  }
  return { peer, how, deliveries, gapMs };
}

/** The camera runs before the peer joins, as it would. */
async function startVideo({ scenario, room, feed, signal }: Stage): Promise<void> {
  for (const { id, colour } of scenario.peers.filter(({ source }) => source === 'video')) {
    const peer = room.process(id);
    if (peer !== undefined) await feed.start(await ensureProgram('ffmpeg'), peer, colour, signal);
  }
}

async function startRecordings({ scenario, folder, say }: Stage): Promise<Recordings> {
  const shown = scenario.peers.find(({ source }) => source === 'video');
  const receivers = scenario.peers.filter(({ sink }) => sink === 'recorded').map(({ id }) => id);
  if (shown === undefined || receivers.length === 0) return new Recordings([]);
  say(`ffmpeg decodes ${shown.id}'s video at ${receivers.join(' and ')}`);
  return Recordings.start(await ensureProgram('ffmpeg'), folder, shown.id, receivers);
}
