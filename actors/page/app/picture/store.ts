/** What a page knows of a room's picture, as signals: each part is drawn anew when what it shows has changed. */
import { batch, computed, signal } from '@preact/signals';
import type { MachineState, MessageLine, RoomEvent, RoomPicture } from '../../../room-picture/contract.ts';
import type { ToPage } from '../../../watch/page-messages.ts';
import type { Span } from './lanes.ts';
import { Colours } from './places.ts';

/** More than this is not drawn; the program keeps no more either. */
const MAX_EVENTS = 2000;
const MAX_LINES = 400;
/** A live time line shows as much of the past at most, and at least, in ms. */
const LONGEST_PAST_MS = 10 * 60_000;
const SHORTEST_PAST_MS = 30_000;

const NOTHING: RoomPicture = { peers: [], arrows: [], omitted: 0 };

export function createStore(nowMs: () => number) {
  const state = signal<'connecting' | 'open' | 'gone'>('connecting');
  const room = signal('');
  const recorded = signal<Span | null>(null);
  const busAway = signal(false);
  const picture = signal<RoomPicture>(NOTHING);
  const telling = signal<readonly string[]>([]);
  const events = signal<readonly RoomEvent[]>([]);
  const lines = signal<readonly MessageLine[]>([]);
  const machines = signal<ReadonlyMap<string, MachineState>>(new Map());
  const context = signal<{ readonly peer: string; readonly machine: string; readonly text: string | null } | undefined>(
    undefined,
  );
  const playback = signal<{ readonly atMs: number; readonly playing: boolean; readonly speed: number } | null>(null);
  const now = signal(nowMs());
  const selected = signal<string | null>(null);
  const looked = signal<string | null>(null);
  const colours = new Colours();

  const take = (message: ToPage) => {
    switch (message.type) {
      case 'room':
        room.value = message.room;
        recorded.value = message.recorded;
        break;
      case 'picture':
        for (const { id } of message.picture.peers) colours.hueOf(id);
        picture.value = message.picture;
        if (message.telling.join() !== telling.peek().join()) telling.value = message.telling;
        break;
      case 'events':
        events.value = (message.anew ? message.events : [...events.peek(), ...message.events]).slice(-MAX_EVENTS);
        break;
      case 'lines':
        lines.value = (message.anew ? message.lines : [...lines.peek(), ...message.lines]).slice(-MAX_LINES);
        break;
      case 'machines': {
        if (message.peer !== looked.peek()) break;
        const after = new Map(message.anew ? [] : machines.peek());
        for (const machine of message.ended) after.delete(machine);
        for (const machine of message.moved) after.set(machine.machine, machine);
        machines.value = after;
        break;
      }
      case 'context':
        context.value = message;
        break;
      case 'playback':
        playback.value = message;
        break;
      case 'bus':
        busAway.value = !message.connected;
        break;
    }
  };

  /** What the time line spans: a recording, or the last minutes until now. */
  const span = computed<Span>(() => {
    if (recorded.value !== null) return recorded.value;
    const toMs = now.value;
    const pastMs = toMs - (events.value[0]?.atMs ?? toMs);
    return { fromMs: toMs - Math.min(LONGEST_PAST_MS, Math.max(SHORTEST_PAST_MS, pastMs * 1.05)), toMs };
  });

  return {
    ...{ state, room, recorded, busAway, picture, telling, events, lines, machines, context, playback },
    ...{ now, span, selected, looked, colours },
    /** The moment that is shown; of a live room whatever is the latest. */
    atMs: computed(() => playback.value?.atMs ?? Number.POSITIVE_INFINITY),
    take: (message: ToPage) => batch(() => take(message)),
  };
}

export type Store = ReturnType<typeof createStore>;
