/** The next state, from the last one and what happened: pure, so that all that the page shows can be tried without one. */
import type { Join, Member, ServerMessage } from '../link/messages.ts';
import type { Device, DeviceKind, DeviceState } from './devices.ts';
import type { Panel, State } from './state.ts';

export type Happening =
  | { readonly type: 'message'; readonly message: ServerMessage }
  | { readonly type: 'link.up' }
  | { readonly type: 'link.down' }
  | { readonly type: 'join'; readonly join: Join }
  | { readonly type: 'panel'; readonly panel: Panel }
  | { readonly type: 'pin'; readonly tile: string }
  | { readonly type: 'pause'; readonly tile: string }
  | { readonly type: 'saver'; readonly on: boolean }
  | { readonly type: 'mute'; readonly muted: boolean }
  | { readonly type: 'talk'; readonly on: boolean }
  | { readonly type: 'camera'; readonly on: boolean }
  | { readonly type: 'screen'; readonly on: boolean }
  | { readonly type: 'speaker'; readonly peer: string }
  /** Something failed in the browser; the code is of the page's own texts. */
  | { readonly type: 'complain'; readonly code: string }
  | { readonly type: 'complaint.read' }
  | { readonly type: 'device'; readonly kind: DeviceKind; readonly state: DeviceState }
  | {
      readonly type: 'devices';
      readonly microphones: readonly Device[];
      readonly cameras: readonly Device[];
      readonly speakers: readonly Device[];
    }
  | { readonly type: 'devices.speaker'; readonly id: string };

/** Chat lines that are kept; older ones go. */
const MAX_CHAT = 500;

export function reduce(state: State, happening: Happening): State {
  switch (happening.type) {
    case 'message':
      return afterMessage(state, happening.message);
    case 'link.up':
      return { ...state, link: { up: true, failures: 0 } };
    case 'link.down':
      return { ...state, link: { up: false, failures: state.link.failures + 1 }, talking: false };
    case 'join':
      return { ...state, phase: 'joining', join: happening.join, complaint: null };
    case 'panel':
      return { ...state, panel: happening.panel, unread: happening.panel === 'chat' ? 0 : state.unread };
    case 'pin':
      return { ...state, pinned: state.pinned === happening.tile ? null : happening.tile };
    case 'pause':
      return { ...state, paused: toggled(state.paused, happening.tile) };
    case 'saver':
      return { ...state, saver: happening.on };
    case 'mute':
      return { ...state, muted: happening.muted, talking: false };
    case 'talk':
      return { ...state, talking: happening.on && state.muted };
    case 'camera':
      return { ...state, cameraOn: happening.on };
    case 'screen':
      return { ...state, screen: happening.on };
    case 'speaker':
      return { ...state, speaker: happening.peer };
    case 'complain':
      return { ...state, complaint: { code: happening.code, text: '', field: '' } };
    case 'complaint.read':
      return { ...state, complaint: null };
    case 'device':
      return { ...state, devices: { ...state.devices, [happening.kind]: happening.state } };
    case 'devices': {
      const { microphones, cameras, speakers } = happening;
      return { ...state, devices: { ...state.devices, microphones, cameras, speakers } };
    }
    case 'devices.speaker':
      return { ...state, devices: { ...state.devices, speaker: happening.id } };
  }
}

function afterMessage(state: State, message: ServerMessage): State {
  switch (message.type) {
    case 'welcome': {
      const { suggestions, codecs, slots } = message;
      // A peer that restarted is in no call any more: it is asked to join again, and the page goes on showing the call.
      const again = message.state === 'lobby' && state.join !== null && isInside(state);
      const phase = again ? 'joining' : message.state;
      // The peer tells the kept lines again after its welcome.
      return { ...state, phase, suggestions, codecs, slots, chat: [], complaint: null };
    }
    case 'occupied':
      return { ...state, phase: 'occupied' };
    case 'state': {
      const { self, own, invite } = message;
      const members = inOrder(state.room?.members ?? [], message.members);
      const here = new Set(members.map(({ id }) => id));
      const speaker = state.speaker !== null && here.has(state.speaker) ? state.speaker : null;
      return { ...state, phase: 'call', speaker, room: { self, own, invite, members } };
    }
    case 'chat': {
      const { type: _, ...line } = message;
      const isNew = !line.mine && state.panel !== 'chat';
      return { ...state, chat: [...state.chat, line].slice(-MAX_CHAT), unread: state.unread + (isNew ? 1 : 0) };
    }
    case 'ended':
      return afterEnd(state, message.code, message.text);
    case 'error': {
      const { code, text, field } = message;
      return { ...state, phase: state.phase === 'joining' ? 'lobby' : state.phase, complaint: { code, text, field } };
    }
    case 'answer':
    case 'rate':
    case 'picture':
      // For the connection, and for the panel of the room: none of it is the call's.
      return state;
  }
}

function afterEnd(state: State, code: string, text: string): State {
  const outside = {
    ...state,
    room: null,
    panel: 'none',
    pinned: null,
    paused: [],
    screen: false,
    chat: [],
    unread: 0,
  } as const;
  if (code === 'taken-over') return { ...outside, phase: 'replaced' };
  const complaint = code === 'left' ? null : { code: `ended.${code}`, text, field: '' };
  return { ...outside, phase: 'lobby', join: null, complaint };
}

/** Is the person in a call, or on the way back into one? */
export function isInside({ phase, room }: State): boolean {
  return phase === 'call' || (phase === 'joining' && room !== null);
}

/** Is what the microphone hears sent? */
export function isHeard({ muted, talking, devices }: State): boolean {
  return devices.microphone.is === 'on' && (!muted || talking);
}

/** Members that were there keep their places; new ones come last. */
function inOrder(before: readonly Member[], now: readonly Member[]): Member[] {
  const byId = new Map(now.map((member) => [member.id, member]));
  const stayed = before.flatMap(({ id }) => byId.get(id) ?? []);
  const known = new Set(stayed.map(({ id }) => id));
  return [...stayed, ...now.filter(({ id }) => !known.has(id))];
}

function toggled(list: readonly string[], item: string): readonly string[] {
  return list.includes(item) ? list.filter((each) => each !== item) : [...list, item];
}
