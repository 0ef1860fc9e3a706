/** Reads what the page's panel is told of the room as a picture. What each member says of itself in it may be anything. */
import type {
  Arrow,
  MachineState,
  MessageLine,
  PicturedPeer,
  RoomEvent,
  RoomPicture,
  Way,
} from '../../../room-picture/contract.ts';
import type { ToPage } from '../../../watch/page-messages.ts';
import { type Fields, fieldsOf, listOf, namesOf, numberOf, oneOf, textOf } from './fields.ts';

const MAX_PEERS = 100;
const MAX_STREAMS = 16;
/** As the program tells at most. */
const MAX_ARROWS = 5000;
const MAX_EVENTS = 2000;
const MAX_LINES = 400;
const MAX_MACHINES = 1024;
const MAX_STATES = 32;
const MAX_STEPS = 12;
/** Names of machines, states and events. */
const MAX_MACHINE = 160;
const MAX_TEXT = 2000;
const MAX_CONTEXT = 20_000;

/** A recording is not shown in a call. */
type Told = Exclude<ToPage, { type: 'playback' }>;

/** @returns null where it is nothing that the panel knows */
export function readTold(value: unknown): Told | null {
  const told = fieldsOf(value);
  const type = textOf(told.type);
  return Object.hasOwn(READERS, type) ? READERS[type as Told['type']](told) : null;
}

const READERS: { readonly [T in Told['type']]: (told: Fields) => Told | null } = {
  room: ({ room }) => ({ type: 'room', room: textOf(room), recorded: null }),
  picture: ({ atMs, picture, telling }) => ({
    type: 'picture',
    atMs: numberOf(atMs),
    picture: readPicture(fieldsOf(picture)),
    telling: namesOf(telling, MAX_PEERS),
  }),
  events: ({ events, anew }) => ({
    type: 'events',
    events: listOf(events, MAX_EVENTS, readEvent).filter((event) => event !== null),
    anew: anew === true,
  }),
  lines: ({ lines, anew }) => ({ type: 'lines', lines: listOf(lines, MAX_LINES, readLine), anew: anew === true }),
  machines: ({ peer, moved, ended, anew }) => ({
    type: 'machines',
    peer: textOf(peer),
    moved: listOf(moved, MAX_MACHINES, readMachine),
    ended: namesOf(ended, MAX_MACHINES, MAX_MACHINE),
    anew: anew === true,
  }),
  context: ({ peer, machine, text }) => ({
    type: 'context',
    peer: textOf(peer),
    machine: textOf(machine, MAX_MACHINE),
    text: typeof text === 'string' ? textOf(text, MAX_CONTEXT) : null,
  }),
  bus: ({ connected }) => ({ type: 'bus', connected: connected === true }),
};

function readPicture({ peers, arrows, omitted }: Fields): RoomPicture {
  return {
    peers: listOf(peers, MAX_PEERS, readPeer),
    arrows: listOf(arrows, MAX_ARROWS, readArrow),
    omitted: numberOf(omitted),
  };
}

function readPeer(peer: Fields): PicturedPeer {
  const id = textOf(peer.id);
  return {
    ...{ id, name: textOf(peer.name) || id, compatible: peer.compatible !== false, leaving: peer.leaving === true },
    ...{ uploadBps: numberOf(peer.uploadBps), ownBps: numberOf(peer.ownBps), lentBps: numberOf(peer.lentBps) },
    ...{ freeBps: numberOf(peer.freeBps), lendBps: numberOf(peer.lendBps) },
    streams: listOf(peer.streams, MAX_STREAMS, ({ name, media, bps }) => ({
      ...{ name: textOf(name), media: mediaOf(media), bps: numberOf(bps) },
    })),
  };
}

function readArrow({ from, to, source, stream, media, bps, kind }: Fields): Arrow {
  return {
    ...{ from: textOf(from), to: textOf(to), source: textOf(source), stream: textOf(stream) },
    ...{ media: mediaOf(media), bps: numberOf(bps) },
    kind: oneOf(kind, ['direct', 'to-relay', 'relayed'], 'direct'),
  };
}

const mediaOf = (value: unknown) => oneOf(value, ['audio', 'video'], 'video');

function readEvent(event: Fields): RoomEvent | null {
  const atMs = numberOf(event.atMs);
  const name = (key: string) => textOf(event[key]);
  const pair = { atMs, client: name('client'), relay: name('relay') };
  switch (event.what) {
    case 'joined':
      return { what: 'joined', atMs, peer: name('peer') };
    case 'left':
      return { what: 'left', atMs, peer: name('peer'), why: oneOf(event.why, ['bye', 'silent', 'restarted'], 'bye') };
    case 'agreed':
      return { what: 'agreed', ...pair, carries: textOf(event.carries, MAX_TEXT) };
    case 'refused':
      return { what: 'refused', ...pair, code: name('code') };
    case 'ended':
      return { what: 'ended', ...pair, by: name('by'), reason: name('reason') };
    case 'switched': {
      const ways = { before: wayOf(event.before), after: wayOf(event.after) };
      const receivers = namesOf(event.receivers, MAX_PEERS);
      return { what: 'switched', atMs, source: name('source'), stream: name('stream'), receivers, ...ways };
    }
    case 'missing':
      return { what: 'missing', atMs, source: name('source'), stream: name('stream'), receiver: name('receiver') };
    case 'cut':
      return { what: 'cut', atMs, peer: name('peer'), others: namesOf(event.others, MAX_PEERS) };
    default:
      return null;
  }
}

/** A relay's id, or null for the direct way. */
function wayOf(value: unknown): Way {
  return Array.isArray(value) ? value.slice(0, MAX_PEERS).map((relay) => textOf(relay) || null) : [];
}

function readLine({ atMs, from, to, kind, text }: Fields): MessageLine {
  return {
    ...{ atMs: numberOf(atMs), from: textOf(from), to: textOf(to), kind: textOf(kind), text: textOf(text, MAX_TEXT) },
  };
}

function readMachine({ machine, chart, states, latest }: Fields): MachineState {
  const names = (value: unknown) => namesOf(value, MAX_STATES, MAX_MACHINE);
  return {
    ...{ machine: textOf(machine, MAX_MACHINE), chart: textOf(chart, MAX_MACHINE), states: names(states) },
    latest: listOf(latest, MAX_STEPS, ({ atMs, event, from, to }) => ({
      ...{ atMs: numberOf(atMs), event: textOf(event, MAX_MACHINE), from: names(from), to: names(to) },
    })),
  };
}
