/**
 * A room that knows nothing of its lines at first: each member behind a router of its own, each line another one, all shown to all. What
 * the lowest camera has is compared with what the bound gives it for what the lines really carry.
 *
 * Its members and its wires need more processors than most machines have, and whoever waits for one takes that for a full line: so its
 * time is slowed.
 */
import { PAYLOAD_SHARE } from '../../../actors/uplink/prober.ts';
import { boundOf } from '../../../machines/planning/bound.ts';
import { roomOf } from '../../../machines/planning/room.ts';
import { Dilation } from '../../network/dilation/dilation.ts';
import { Lab } from '../../network/lab.ts';
import { LabRoom } from '../../network/rooms/lab-room.ts';
import { deliveredShare, deliveriesIn, type Snapshot, windowsBetween } from '../../scenarios/judging/delivery.ts';
import type { RoomCase } from './cases.ts';
import { hostBehind, Line } from './line.ts';
import { type Judged, roomRow } from './report.ts';

/** What `--headroom` is where nobody says otherwise. */
const HEADROOM = 0.95;
const VOICE_BPS = 32_000;
const CAMERA = { name: 'camera', media: 'video', minBps: 100_000, maxBps: 3_800_000 } as const;
const DELAY_MS = 40;
/** Who is open to the internet, shows nothing, and wants nothing: of it the others learn how they are seen from outside. */
const OPEN_ID = 'open';
const OPEN = ['--source', 'none', '--want', 'none', '--lend', '0'];
/** What is delivered is counted over so long before a row is taken. */
const COUNTED_MS = 2_000;
/** What is on its way at the end of it has come by then. */
const ON_ITS_WAY_MS = 700;

export async function playRoom({ name, lines, marks, slowness }: RoomCase, signal: AbortSignal): Promise<Judged[]> {
  const dilation = new Dilation(slowness);
  await using lab = await Lab.start({ delayMs: dilation.realMs(DELAY_MS) });
  const nats = await lab.nats();
  const ids = lines.map((_, index) => String.fromCharCode('A'.charCodeAt(0) + index));
  const homes = await Promise.all(
    lines.map(async (bps) => {
      const router = await lab.nat('full-cone');
      return { host: await hostBehind(router), line: await Line.lay(router, bps, dilation) };
    }),
  );
  await using room = await LabRoom.open(nats, { signal, dilation });
  const shows = ['--source', `test,name=voice,codec=opus/48000/2,bitrate=${VOICE_BPS}`];
  shows.push('--source', `test,name=${CAMERA.name},bitrate=${CAMERA.minBps}-${CAMERA.maxBps}`);
  await Promise.all(homes.map(({ host }, index) => room.start(ids[index] ?? '', host, '--upload', 'auto', ...shows)));
  await room.start(OPEN_ID, await lab.host(), ...OPEN);
  for (const id of [OPEN_ID, ...ids]) room.join(id);
  const joinedMs = dilation.nowMs();
  const boundBps = lowestOfBound(ids, lines);
  const judged: Judged[] = [];
  for (const { atS, limits } of marks) {
    await dilation.delay(joinedMs + 1000 * atS - COUNTED_MS - dilation.nowMs(), signal);
    const before = await room.ask(ids);
    await dilation.delay(COUNTED_MS, signal);
    const after = await room.ask(ids);
    await dilation.delay(ON_ITS_WAY_MS, signal);
    const windows = windowsBetween(before, after);
    const share = deliveredShare(deliveriesIn(windows, await room.ask(ids, { windows })));
    const looks = homes.map(({ line }) => line.looks);
    judged.push({ row: roomRow({ name, atS, boundBps, lowestBps: lowestOf(after), share, looks, joinedMs }), limits });
  }
  return judged;
}

/** Of a camera in the plan that uses as much of what the lines really carry as there can be. */
function lowestOfBound(ids: readonly string[], lines: readonly number[]): number {
  const voice = { name: 'voice', media: 'audio', minBps: VOICE_BPS, maxBps: VOICE_BPS } as const;
  const peers = ids.map((id, index) => ({
    ...{ id, uploadBps: PAYLOAD_SHARE * (lines[index] ?? 0), streams: [voice, CAMERA] },
  }));
  const planned = roomOf({ headroom: HEADROOM, peers });
  const { rates } = boundOf(planned);
  return Math.min(...planned.streams.flatMap(({ audio }, index) => (audio ? [] : [rates[index] ?? 0])));
}

function lowestOf(reports: Snapshot): number {
  const cameras = [...reports.values()].map(
    ({ streams }) => streams.find(({ stream }) => stream === CAMERA.name)?.rateBps ?? 0,
  );
  return Math.min(...cameras);
}
