/** One run of a case: a sender behind a router whose line is narrow, three receivers elsewhere, and what the sender says of its line. */
import { setMaxListeners } from 'node:events';
import { Dilation } from '../../network/dilation/dilation.ts';
import { Lab } from '../../network/lab.ts';
import type { Host } from '../../network/parts/host.ts';
import { LabRoom } from '../../network/rooms/lab-room.ts';
import { seededRandom } from '../../planning/rooms.ts';
import type { UplinkCase } from './cases.ts';
import { hostBehind, Line } from './line.ts';
import { type Estimate, type Judged, rowsOf } from './report.ts';
import { jitter, loseFeedback, loseMedia, narrow, programSource, steadyProgram, upload } from './troubles.ts';

const RECEIVERS = ['B', 'C', 'D'];
/** Of three copies together: more than the line carries, even once it carries twice as much. */
const SHOWN = 1.6;
/** Of one: a source that goes by the plan, down to this. In bit/s. */
const LEAST_BPS = 50_000;
/** By how many millionths the receivers' clocks go wrong: quartz does by up to a hundred. */
const SKEW_PPM = { B: 100, C: -100, D: 60 };
/** Receivers have met so long before the sender comes, and the other peer of its line has begun. In ms. */
const SETTLED_MS = 2_000;
/** So long after the sender joined the other program of its line begins: what it keeps it must have had. */
const RIVAL_AFTER_MS = 5_000;
/** What a program sends of what is wanted at most, whatever it is told: half as much again as the line carries. */
const PROGRAM_SHARE = 0.9;
/** How often the sender is asked while it begins or its line changes, and else: each answer takes some 2,400 bits of the line. In ms. */
const ASK_MS = { often: 50, else: 250 };
const OFTEN_MS = 2000;
const DELAY_MS = 40;
/** A wire is half of a way between two sites. */
const WIRE_MS = DELAY_MS / 2;
const SEED = 1;

export async function runOnce(uplinkCase: UplinkCase, signal: AbortSignal): Promise<Judged[]> {
  // Each question that is not answered yet waits for it.
  setMaxListeners(0, signal);
  const { bps, trouble, change, marks, slowness = 1 } = uplinkCase;
  const time = new Dilation(slowness);
  await using lab = await Lab.start({ delayMs: time.realMs(DELAY_MS) });
  const nats = await lab.nats();
  const home = await lab.nat('full-cone');
  const sender = await hostBehind(home);
  const narrowHome = trouble === 'narrow-leg' ? await lab.nat('full-cone') : undefined;
  const receivers: Host[] = [];
  for (const id of RECEIVERS) receivers.push(await (id === 'B' && narrowHome ? narrowHome : lab).host());
  if (narrowHome !== undefined) await narrow(narrowHome);
  const line = await Line.lay(home, bps, time);
  await using room = await LabRoom.open(nats, {
    ...{ signal, dilation: time, skewPpm: trouble === 'skew' ? SKEW_PPM : {} },
  });
  const mostBps = Math.round((SHOWN * Math.max(bps, change?.bps ?? 0)) / 3);
  const rates = `${LEAST_BPS}-${mostBps}`;
  const shows = ['--upload', 'auto', ...(trouble === 'ignores' ? programSource(rates) : ['--bitrate', rates])];
  // Who lends nothing relays nothing: the line alone decides what all get.
  const takes = ['--source', 'none', '--lend', '0'];
  const starting = receivers.map((host, index) => room.start(RECEIVERS[index] ?? '', host, ...takes));
  await Promise.all([...starting, room.start('A', sender, ...shows)]);
  for (const id of RECEIVERS) room.join(id);
  const lastS = Math.max(...marks.map(({ atS }) => atS));
  const [first] = receivers;
  if (trouble === 'loss-on-one' && first) await loseMedia(first);
  if (trouble === 'loss-on-all') await Promise.all(receivers.map(loseMedia));
  if (trouble === 'lost-feedback') await loseFeedback(sender);
  if (trouble === 'jitter')
    for (const host of receivers) host.keep(jitter(host, { delayMs: WIRE_MS, loss: 0 }, seededRandom(SEED)));
  const rival = trouble === 'tcp' ? { from: await home.host(), to: await lab.host() } : undefined;
  if (trouble === 'second-peer') {
    await room.start('E', await home.host(), ...shows);
    room.join('E');
  }
  await time.delay(SETTLED_MS, signal);
  if (trouble === 'ignores') sender.keep(steadyProgram(sender, PROGRAM_SHARE * mostBps));
  room.join('A');
  const joinedMs = time.nowMs();
  let changedMs: number | undefined;
  let isUploading = false;
  const estimates: Estimate[] = [];
  const ofRival: Estimate[] = [];
  const answers: Promise<void>[] = [];
  // Answers pass the line and wait in its queue, so nobody waits for them: they tell when they were written.
  const ask = async (id: string, into: Estimate[]) => {
    const { at, line: known } = await room.askLine(id);
    if (known) into.push({ atMs: time.fromEpoch(at), bps: known.bps });
  };
  while (time.nowMs() < joinedMs + 1000 * lastS) {
    if (change && changedMs === undefined && time.nowMs() >= joinedMs + 1000 * change.atS) {
      await line.change(change.bps);
      changedMs = time.nowMs();
    }
    if (rival && !isUploading && time.nowMs() >= joinedMs + RIVAL_AFTER_MS) {
      isUploading = true;
      await upload(rival.from, rival.to, lastS);
    }
    answers.push(ask('A', estimates));
    if (trouble === 'second-peer') answers.push(ask('E', ofRival));
    const isLively = time.nowMs() < (changedMs ?? joinedMs) + OFTEN_MS;
    await time.delay(isLively ? ASK_MS.often : ASK_MS.else, signal);
  }
  await Promise.all(answers);
  return rowsOf(uplinkCase, { joinedMs, estimates, looks: line.looks, changedMs, ofRival });
}
