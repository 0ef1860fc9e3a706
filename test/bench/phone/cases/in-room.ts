/** A real phone in a room: what it shows when whom it sees changes, that it stays where nobody is, and that it is missed when it goes. */
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { PhoneVideo } from '../../../phone/programs/contract.ts';
import type { PhoneProgram } from '../../../phone/programs/video-phone.ts';
import { SCENARIOS } from '../../../scenarios/catalogue.ts';
import { runScenario } from '../../../scenarios/playing/run-scenario.ts';
import { hasPhone, type Scenario } from '../../../scenarios/scenario.ts';
import type { Outcome } from '../contract.ts';
import { PhoneRoom } from '../room.ts';

const SWITCHES = 10;
/** Who speaks is followed after 1.5 s at the latest; a key frame comes each second, on a busy machine. In ms. */
const SWITCHED_MS = 10_000;
/** After the key frame that a switch begins with the phone's picture must be clean within this, in ms. */
const CLEAN_MS = 400;
/** How long it is looked at after each switch, in ms. */
const WATCHED_MS = 1500;
const SNAPSHOT_MS = 2000;
/** A phone forgets that it was asked for one while it begins to show pictures anew. */
const ASKED_AGAIN_MS = 300;
const ALONE_MS = 60_000;
/** Longer than a phone of which nothing comes is believed to be there without being asked. */
const HELD_MS = 12_000;
/** A key frame, and what it may take to be whole. */
const RESUMED_MS = 1000 + CLEAN_MS;
const HUNG_UP_MS = 1000;
const KILLED_MS = 10_000;

/** Which phone, and in which format it gets pictures. */
export interface WithPhone {
  readonly program: PhoneProgram;
  readonly video: PhoneVideo;
}

interface Shot {
  /** When the phone had written it: a busy machine tells us of it later. */
  readonly atMs: number;
  readonly file: string;
}

/** One switch: who is to be seen from then on, and what the phone showed about that time. */
interface Switch {
  readonly speaker: string;
  readonly atMs: number;
  readonly shots: readonly Shot[];
}

/** Ten times another one speaks. The value: the longest time from a switch to the first clean picture, in ms. */
export async function switches(phone: WithPhone, signal: AbortSignal): Promise<Outcome> {
  await using room = await PhoneRoom.open({ ...phone, members: ['A', 'B'], signal });
  await room.gateway.heard(({ event }) => event === 'phone.shows');
  await firstClean(room);
  const seen: Switch[] = [];
  for (let number = 0; number < SWITCHES; number++) {
    signal.throwIfAborted();
    seen.push(await watchedSwitch(room, shownLast(room) === 'A' ? 'B' : 'A'));
  }
  // Only now: while so many pictures are decoded packets wait, and the phone would wait longer for those of the next switch.
  room.phone.hangUp();
  let [worst, garbage] = [0, 0];
  for (const { speaker, atMs, shots } of seen) {
    let cleanMs = Number.POSITIVE_INFINITY;
    for (const shot of shots) {
      const { shows } = await room.pictures.look(shot.file);
      if (shows === null) garbage += 1;
      if (shot.atMs >= atMs && shows === speaker) cleanMs = Math.min(cleanMs, shot.atMs);
    }
    worst = Math.max(worst, Math.round(cleanMs - atMs));
  }
  return { held: garbage === 0 && worst <= CLEAN_MS, value: worst };
}

async function watchedSwitch(room: PhoneRoom, speaker: string): Promise<Switch> {
  const sinceMs = performance.now();
  for (const [id, voice] of room.voices) voice.speaks = id === speaker;
  const shots: Shot[] = [];
  const switched = room.gateway.heard(
    ({ event, told }) => event === 'phone.shows' && told.other === speaker,
    sinceMs,
    SWITCHED_MS,
  );
  for (let untilMs = Number.POSITIVE_INFINITY; performance.now() < untilMs; ) {
    const file = await room.phone.snapshot(SNAPSHOT_MS);
    if (file !== undefined) shots.push({ atMs: await writtenMs(file), file });
    const done = await Promise.race([switched, delay(0, null, { ref: false })]);
    if (done !== null && untilMs === Number.POSITIVE_INFINITY) untilMs = done.atMs + WATCHED_MS;
  }
  return { speaker, atMs: (await switched).atMs, shots };
}

/** The value: seconds for which a phone stays in a room in which nobody else is. */
export async function alone(phone: WithPhone, signal: AbortSignal): Promise<Outcome> {
  await using room = await PhoneRoom.open({ ...phone, members: [], signal });
  const sinceMs = performance.now();
  const ended = room.gateway
    .heard(({ event }) => event === 'phone.ended', sinceMs, ALONE_MS)
    .then(
      ({ atMs }) => atMs - sinceMs,
      () => ALONE_MS,
    );
  const stayedMs = await ended;
  signal.throwIfAborted();
  return { held: stayedMs >= ALONE_MS, value: Math.round(stayedMs / 1000) };
}

/** The value: ms from the moment in which its person comes back until the phone shows a clean picture again. */
export async function holds(phone: WithPhone, signal: AbortSignal): Promise<Outcome> {
  await using room = await PhoneRoom.open({ ...phone, members: ['A'], signal });
  await room.gateway.heard(({ event }) => event === 'phone.shows');
  await firstClean(room);
  room.phone.hold();
  await delay(HELD_MS, undefined, { signal });
  const hasEnded = room.gateway.lines.some(({ event }) => event === 'phone.ended');
  const sinceMs = performance.now();
  room.phone.resume();
  await firstClean(room, ASKED_AGAIN_MS);
  const value = Math.round(performance.now() - sinceMs);
  return { held: !hasEnded && value <= RESUMED_MS, value };
}

/** The value: ms from the phone's end until the others have seen it leave. */
export async function leaves(how: 'hangs up' | 'is killed', phone: WithPhone, signal: AbortSignal): Promise<Outcome> {
  await using room = await PhoneRoom.open({ ...phone, members: ['A'], signal });
  const [member] = room.members.values();
  if (member === undefined) throw new Error('nobody is there');
  await member.heard(({ event, told }) => event === 'member.joined' && told.other === 'D');
  const sinceMs = performance.now();
  if (how === 'hangs up') room.phone.hangUp();
  else room.phone.kill();
  const { atMs } = await member.heard(({ event, told }) => event === 'member.left' && told.other === 'D', sinceMs);
  const value = Math.round(atMs - sinceMs);
  return { held: value <= (how === 'hangs up' ? HUNG_UP_MS : KILLED_MS), value };
}

/** The value: packets that the phone reports lost after its picture's relay has gone. */
export async function relayGoes(how: 'leave' | 'kill', program: PhoneProgram, signal: AbortSignal): Promise<Outcome> {
  const played = SCENARIOS.find(({ name }) => name === 'sip');
  if (played === undefined) throw new Error('the scenario is gone');
  const steps = played.steps.map((step) => (step.do === 'kill' ? { ...step, do: how } : step));
  const peers = played.peers.map((peer) => (hasPhone(peer) ? { ...peer, phone: program } : peer));
  const scenario: Scenario = { ...played, peers, steps };
  const { phone } = await runScenario(scenario, { seconds: 6, signal });
  const { audio, video } = phone?.lost ?? {};
  const value = audio === undefined || video === undefined ? Number.POSITIVE_INFINITY : audio + video;
  return { held: value === 0, value };
}

async function writtenMs(file: string): Promise<number> {
  return (await stat(file)).mtimeMs - performance.timeOrigin;
}

function shownLast({ gateway }: PhoneRoom): unknown {
  return gateway.lines.findLast(({ event }) => event === 'phone.shows')?.told.other;
}

/** Until its first clean picture a phone may show what it likes. */
async function firstClean({ phone, pictures }: PhoneRoom, snapshotMs = SNAPSHOT_MS): Promise<void> {
  for (const deadline = performance.now() + SWITCHED_MS; performance.now() < deadline; ) {
    const file = await phone.snapshot(snapshotMs);
    if (file !== undefined && (await pictures.look(file)).shows !== null) return;
  }
  throw new Error('the phone never shows a clean picture');
}
