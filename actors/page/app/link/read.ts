/**
 * Reads the peer's messages. What is not as it should be gives null and changes nothing: the page never shows half a
 * state. Lists and texts are cut to what a page can show, so that no member can make it slow.
 */
import type { ChatLine, EndCode, Member, OwnStream, PairKind, RemoteStream, Self, ServerMessage } from './messages.ts';

const MAX_MEMBERS = 100;
const MAX_STREAMS = 16;
const MAX_RELAYS = 8;
/** Characters of a name or an id; longer ones are cut. */
const MAX_NAME = 64;
const MAX_TEXT = 4_000;
/** An answer for 25 pairs of slots has some 50,000 characters. */
const MAX_SDP = 512_000;
const MAX_SLOTS = 50;

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const textOf = (value: unknown, max = MAX_NAME): string => (typeof value === 'string' ? value.slice(0, max) : '');
const numberOf = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
const oneOf = <T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T =>
  allowed.find((each) => each === value) ?? otherwise;
const listOf = <T>(value: unknown, max: number, read: (each: Fields) => T): T[] =>
  Array.isArray(value) ? value.slice(0, max).map((each) => read(fieldsOf(each))) : [];
const namesOf = (value: unknown, max: number): string[] =>
  Array.isArray(value)
    ? value
        .filter((each) => typeof each === 'string')
        .slice(0, max)
        .map((each) => textOf(each))
    : [];

const PAIRS: readonly PairKind[] = ['direct', 'lan', 'turn', 'via', 'none', 'looking'];
const ENDS: readonly EndCode[] = ['left', 'replaced', 'refused', 'failed', 'taken-over'];

/** @param text one message of the WebSocket. @returns null where it is none that this page knows. */
export function readServerMessage(text: string): ServerMessage | null {
  let message: Fields;
  try {
    message = fieldsOf(JSON.parse(text));
  } catch {
    return null;
  }
  const read = READERS[textOf(message.type) as ServerMessage['type']];
  return Object.hasOwn(READERS, textOf(message.type)) ? read(message) : null;
}

const READERS: { readonly [T in ServerMessage['type']]: (message: Fields) => ServerMessage | null } = {
  welcome: (message) => {
    const suggestions = fieldsOf(message.suggestions);
    return {
      type: 'welcome',
      state: oneOf(message.state, ['lobby', 'call'], 'lobby'),
      suggestions: {
        name: textOf(suggestions.name),
        room: textOf(suggestions.room),
        invite: textOf(suggestions.invite, MAX_TEXT),
      },
      language: textOf(message.language),
      codecs: namesOf(message.codecs, MAX_STREAMS),
      slots: Math.min(MAX_SLOTS, Math.floor(numberOf(message.slots))),
    };
  },
  occupied: () => ({ type: 'occupied' }),
  answer: ({ sdp }) => (typeof sdp === 'string' && sdp.length <= MAX_SDP ? { type: 'answer', sdp } : null),
  state: (message) => ({
    type: 'state',
    self: readSelf(fieldsOf(message.self)),
    own: listOf(message.own, MAX_STREAMS, readOwn),
    members: listOf(message.members, MAX_MEMBERS, readMember).filter(({ id }) => id !== ''),
    invite: textOf(message.invite, MAX_TEXT),
  }),
  rate: ({ mid, rid, maxBps }) =>
    typeof mid === 'string'
      ? { type: 'rate', mid, rid: typeof rid === 'string' ? rid : null, maxBps: numberOf(maxBps) }
      : null,
  chat: (message) => readChat(message),
  ended: ({ code, text }) => ({ type: 'ended', code: oneOf(code, ENDS, 'failed'), text: textOf(text, MAX_TEXT) }),
  error: ({ code, text, field }) => ({
    type: 'error',
    code: textOf(code),
    text: textOf(text, MAX_TEXT),
    field: textOf(field),
  }),
};

function readSelf(self: Fields): Self {
  return {
    id: textOf(self.id),
    name: textOf(self.name),
    room: textOf(self.room),
    uploadBps: numberOf(self.uploadBps),
    usedBps: numberOf(self.usedBps),
    lentBps: numberOf(self.lentBps),
    bus: oneOf(self.bus, ['connected', 'lost'], 'connected'),
  };
}

function readOwn(own: Fields): OwnStream {
  return {
    stream: textOf(own.stream),
    rateBps: numberOf(own.rateBps),
    sentBps: numberOf(own.sentBps),
    receivers: numberOf(own.receivers),
  };
}

function readMember(member: Fields): Member {
  const id = textOf(member.id);
  return {
    id,
    name: textOf(member.name) || id,
    pair: oneOf(member.pair, PAIRS, 'looking'),
    reason: textOf(member.reason, MAX_TEXT),
    streams: listOf(member.streams, MAX_STREAMS, readStream),
  };
}

function readStream(stream: Fields): RemoteStream {
  const name = textOf(stream.stream);
  return {
    stream: name,
    group: textOf(stream.group) || name,
    media: oneOf(stream.media, ['audio', 'video'], 'video'),
    playable: stream.playable !== false,
    muted: stream.muted === true,
    bps: numberOf(stream.bps),
    loss: Math.min(1, numberOf(stream.loss)),
    via: namesOf(stream.via, MAX_RELAYS),
    frozenMs: numberOf(stream.frozenMs),
  };
}

function readChat(message: Fields): ServerMessage | null {
  const line: ChatLine = {
    from: textOf(message.from),
    name: textOf(message.name) || textOf(message.from),
    text: textOf(message.text, MAX_TEXT),
    at: numberOf(message.at),
    mine: message.mine === true,
  };
  return line.text === '' ? null : { type: 'chat', ...line };
}
