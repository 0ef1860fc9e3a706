/**
 * Reads the peer's messages. What is not as it should be gives null and changes nothing: the page never shows half a
 * state. Lists and texts are cut to what a page can show, so that no member can make it slow.
 */
import { type Fields, fieldsOf, listOf, namesOf, numberOf, oneOf, textOf } from './fields.ts';
import {
  type ChatLine,
  type EndCode,
  LINE_LIMITS,
  type Line,
  type Member,
  type OwnStream,
  type PairKind,
  type RemoteStream,
  type Self,
  type ServerMessage,
} from './messages.ts';
import { readTold } from './read-picture.ts';

const MAX_MEMBERS = 100;
const MAX_STREAMS = 16;
const MAX_RELAYS = 8;
const MAX_NAMED = 8;
const MAX_TEXT = 4_000;
/** An answer for 25 pairs of slots has some 50,000 characters. */
const MAX_SDP = 512_000;
const MAX_SLOTS = 50;

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
    const self = fieldsOf(message.self);
    return {
      type: 'welcome',
      state: oneOf(message.state, ['lobby', 'call'], 'lobby'),
      suggestions: { name: textOf(self.name), room: textOf(self.room) },
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
  picture: (message) => {
    const told = readTold(message.told);
    return told === null ? null : { type: 'picture', told };
  },
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
    downlinkBps: numberOf(self.downlinkBps) || null,
    line: typeof self.line === 'object' && self.line !== null ? readLine(fieldsOf(self.line)) : null,
    bus: oneOf(self.bus, ['connected', 'lost'], 'connected'),
  };
}

function readLine({ bps, limit, overratedBps }: Fields): Line {
  return {
    bps: numberOf(bps) || null,
    limit: oneOf(limit, LINE_LIMITS, 'unmeasured'),
    overratedBps: numberOf(overratedBps) || null,
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
    plain: oneOf(member.plain, ['hears', 'refused'], 'none'),
    sealed: member.sealed === true,
    heardBy: namesOf(member.heardBy, MAX_NAMED),
    forgedBy: namesOf(member.forgedBy, MAX_NAMED),
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
    silent: stream.silent === true,
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
    isPrivate: typeof message.to === 'string',
  };
  return line.text === '' ? null : { type: 'chat', ...line };
}
