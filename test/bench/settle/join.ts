/** One peer joins a simulated room that stands: how long until the room is at rest again, what is said, and what moves. */
import { decodeMessage } from '../../../machines/messages.ts';
import { isKind } from '../../../machines/subjects.ts';
import { drawScript } from '../../simulation/script/draw.ts';
import { PRESETS, type PresetName } from '../../simulation/script/presets.ts';
import type { Script } from '../../simulation/script/script.ts';
import { World } from '../../simulation/world/world.ts';
import { MessageCounter } from '../message-counter.ts';
import { type Moves, movesSince, pathsIn } from './moves.ts';
import { RoomState } from './state.ts';

/** Rooms come together within three seconds, settle, and see once more whether their plan still holds. */
const JOIN_MS = 8000;
/** Then one peer joins, and the room is watched for so long: beyond any timer that a join sets off. */
const WATCHED_MS = 4000;
/** A room that has not changed for so long stands. */
const STILL_MS = 1500;
/** How often the room is looked at: a fortieth of a round trip. */
const LOOK_MS = 1;
/** Enough for every slice to show that it comes; more only costs time. */
const PACKETS_PER_SECOND = 12;

/** Of a message and its answer on the bus of this preset, in ms, on average. */
export function roundTripMs(preset: PresetName): number {
  const { latencyMs, jitterMs } = PRESETS[preset].bus;
  return latencyMs[0] + latencyMs[1] + jitterMs;
}

export interface Joined {
  readonly seed: number;
  /** From the joiner's first message to the last change of a rate or of the ways that packets take, in round trips. */
  readonly movedAfter: number;
  /** The same to the last change of anything: old ways drained, ledgers, agreements. */
  readonly settledAfter: number;
  /** Published because of the join, by all, over the number of peers. Signs of life are left out. */
  readonly messagesPerPeer: number;
  readonly moves: Moves;
  /** False where the room was not at rest before the join: such a run says nothing. */
  readonly stood: boolean;
}

/** The last of `peers` joins when the others have settled. */
export function playJoin(seed: number, preset: PresetName, peers: number): Joined {
  const counter = new MessageCounter(peers);
  const script = scriptOf(seed, preset, peers);
  const joiner = script.faults.flatMap((fault) => (fault.do === 'join' ? [fault.peer] : [])).at(-1);
  let firstMessageMs = Number.NaN;
  const world = new World({
    script,
    packetsPerSecond: PACKETS_PER_SECOND,
    windowMs: WATCHED_MS,
    watch: (line) => {
      const message = messageIn(line);
      if (message === undefined) return;
      if (Number.isNaN(firstMessageMs) && world.clock.now() >= JOIN_MS && message.from === joiner) {
        firstMessageMs = world.clock.now();
        counter.reset();
      }
      counter.take(message);
    },
  });
  const state = new RoomState(world);
  world.clock.runUntil(JOIN_MS - STILL_MS);
  state.look();
  world.clock.runUntil(JOIN_MS - 1);
  const stood = !state.look();
  const before = pathsIn(world.alive);
  for (let atMs = JOIN_MS; atMs <= JOIN_MS + WATCHED_MS; atMs += LOOK_MS) {
    world.clock.runUntil(atMs);
    state.look();
  }
  const moves = movesSince(before, world.alive);
  const { published } = counter.result();
  world.end();
  return {
    seed,
    stood,
    movedAfter: (state.movedMs - firstMessageMs) / roundTripMs(preset),
    settledAfter: (state.changedMs - firstMessageMs) / roundTripMs(preset),
    messagesPerPeer: published / peers,
    moves,
  };
}

/** A drawn room whose last member comes late. */
function scriptOf(seed: number, preset: PresetName, peers: number): Script {
  const seconds = (JOIN_MS + WATCHED_MS) / 1000;
  const { faults, ...head } = drawScript({ seed, preset, peers, seconds });
  const last = faults.filter((fault) => fault.do === 'join').at(-1);
  return { ...head, faults: faults.map((fault) => (fault === last ? { ...fault, at: JOIN_MS } : fault)) };
}

/** A trace's line of a message: time, sender, `>`, receiver, kind, text. */
function messageIn(line: string) {
  const [, from, arrow, to, kind, ...text] = line.split(' ');
  if (arrow !== '>' || from === undefined || to === undefined || kind === undefined || !isKind(kind)) return undefined;
  const message = decodeMessage(kind, from, text.join(' '));
  return 'fault' in message ? undefined : { from, to, message };
}
