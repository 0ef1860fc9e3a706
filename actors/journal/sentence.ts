/** Notes as a person reads them, a line each. */
import { endpointText } from '../../infra/path/table/addresses.ts';
import { formatRate } from '../../infra/units/rate.ts';
import { DOOR_SENTENCES } from '../call/door-news.ts';
import { PLAIN_SENTENCES } from '../call/plain-news.ts';
import { DELIVERY_SENTENCES } from '../delivery/sentences.ts';
import { PHONE_SENTENCES } from '../phone/news.ts';
import { mappingSentence } from '../reach/addresses/mapping-news.ts';
import { serverNameSentence } from '../reach/turn/server-names.ts';
import { turnSentence } from '../reach/turn/turn-news.ts';
import { udpSentence } from '../reach/turn/udp-watch.ts';
import { millisecondsText, openWayOf } from '../status/pair-way.ts';
import type { Note } from './notes.ts';

type Of<T extends Note['type']> = Extract<Note, { type: T }>;

const SENTENCES: { readonly [T in Note['type']]: (note: Of<T>) => string } = {
  'peer.started': ({ room, nats, advertise }) => `in room ${room} by ${nats}, media at ${advertise}`,
  'peer.waiting': ({ controller }) => `waiting for ${controller} to say join`,
  'peer.leaving': () => 'leaving: what is relayed here is handed over first',
  'peer.ended': ({ how }) => ENDED[how],
  'bus.connected': ({ server }) => `connected to ${server}`,
  'bus.disconnected': ({ server }) => `no connection to ${server}; media goes on`,
  'server.told': ({ text }) => text,
  'bus.refused': ({ server }) => `${server} no longer takes our credentials`,
  'log.left-out': ({ lines }) => `${lines} lines of the log are left out here: whoever reads it stood still`,
  'message.dropped': ({ fault, subject, detail }) => `dropped a message on ${subject} (${fault}): ${detail}`,
  'receivers.reported': ({ receivers }) =>
    `lost on the way: ${receivers.map(({ receiver, stream, loss }) => `${Math.round(100 * loss)} % of ${stream} to ${receiver}`).join(', ')}`,
  'players.reported': ({ players }) =>
    `lost before the player: ${players.map(({ source, stream, loss }) => `${Math.round(100 * loss)} % of ${stream} of ${source}`).join(', ')}`,
  'path.changed': ({ kind, reason }) => `packet path: ${kind}${reason === undefined ? '' : `, because ${reason}`}`,
  'member.joined': ({ peer, compatible, software }) =>
    `${peer} joined (${software}${compatible ? '' : ', plain RTP without relaying'})`,
  'member.left': ({ peer, reason }) => `${peer} ${GONE[reason]}`,
  'chat.received': ({ peer, to, text }) => `${peer} writes${to === 'all' ? '' : ' to you alone'}: “${text}”`,
  'relay.needed': ({ relays }) => `the upload is not enough for everyone: asking ${list(relays)} to relay`,
  'relay.unreachable': ({ relay }) => `${relay} does not answer: looking for another relay`,
  'relay.failing': ({ relay, stream, receiver }) =>
    `${relay} does not forward ${stream} to ${receiver}: looking for another relay`,
  'media.forged': (note) => FORGED[note.fault](note),
  'relay.accused': ({ relay, stream, receiver }) =>
    `${relay} brings ${receiver} what we have not sent of ${stream}, says ${receiver}: it gets nothing of ours through ${relay} any more`,
  'agreement.changed': ({ role, peer, state, legs, reason }) => {
    const what = role === 'client' ? `relaying by ${peer}` : `relaying for ${peer}`;
    const receivers = legs.length === 0 ? '' : ` to ${list(distinct(legs.map(({ receiver }) => receiver)))}`;
    const streams = legs.length === 0 ? '' : ` (${distinct(legs.map(({ stream }) => stream)).join(', ')})`;
    return `${what}${receivers}${streams}: ${state}${reason === undefined ? '' : ` (${reason})`}`;
  },
  'pairs.unserved': ({ stream, receivers, unreachable = [], noneOpen }) => {
    const others = receivers.filter((receiver) => !unreachable.includes(receiver));
    const sentences = [
      ...(others.length > 0 ? [`the room has no upload left for ${stream} to ${list(others)}`] : []),
      ...(unreachable.length > 0
        ? [`${stream} does not get to ${list(unreachable)}: ${noneOpen ? NONE_OPEN : NO_COMMON}`]
        : []),
    ];
    return sentences.length === 0 ? `${stream} goes to everyone again` : sentences.join('; ');
  },
  'stream.added': ({ stream }) => `${stream} is shown from now on`,
  'stream.removed': ({ stream }) => `${stream} is shown no more`,
  'rate.changed': ({ stream, rateBps }) =>
    rateBps === 0
      ? `nobody receives ${stream}: it need not be sent`
      : `${stream} should be sent at ${formatRate(rateBps)}`,
  'profile.oversized': ({ routes }) =>
    `the ${routes} routes of our streams are too many for one message: others do not learn of them`,
  'source.listening': ({ stream, port }) => `send RTP for ${stream} to UDP port ${port} of this machine`,
  'source.started': ({ stream, from }) => `a program at ${from} feeds ${stream}`,
  'source.rejected': (note) =>
    note.reason === 'otherPayload'
      ? `packets of payload type ${note.payloadType} for ${note.stream} are not used: the stream is ${note.declared}`
      : `packets from ${note.from} for ${note.stream} are not used: ${REJECTED[note.reason]}`,
  'source.mismatched': ({ stream, from, payloadType, declared }) =>
    `${stream} is declared as payload type ${declared}, and ${from} sends ${payloadType}: start with ` +
    `payload-type=${payloadType} in its --source, or let the program send ${declared} (ffmpeg: -payload_type ${declared})`,
  'source.undecodable': ({ stream, codec }) =>
    `${stream} is ${codec} without its parameter sets, so nobody can decode it: show the program's SDP by ` +
    '--source sdp:FILE, or let the encoder repeat them (ffmpeg: without -flags global_header; GStreamer: config-interval=-1)',
  'source.remeasured': ({ stream, measuredBps, mostBps, declaredBps }) =>
    mostBps > declaredBps
      ? `${stream} sends ${formatRate(measuredBps)} and was declared with ${formatRate(declaredBps)}: the room gives it that much ` +
        `where it can. Start with bitrate=${formatRate(mostBps).replaceAll(' ', '')}, or lower the encoder`
      : `${stream} is within the ${formatRate(declaredBps)} again that it was declared with`,
  'source.exceeded': ({ stream, measuredBps, limitBps }) =>
    `${stream} sends ${formatRate(measuredBps)}, and what is above ${formatRate(limitBps)} will be lost: ` +
    `lower the encoder to ${formatRate(limitBps)}`,
  'source.no-key-frame': ({ stream, reason }) => NO_KEY_FRAME[reason](stream),
  'pair.opened': ({ peer, to, kind, rttMs }) =>
    `${peer} is reached ${HOW[openWayOf(to, kind)]} at ${endpointText(to)}, ${millisecondsText(rttMs)} there and back`,
  'pair.cut': ({ peer, reason }) => CUT[reason](peer),
  'mapping.made': mappingSentence,
  'mapping.lost': mappingSentence,
  'mapping.none': mappingSentence,
  'server.unresolved': serverNameSentence,
  'turn.allocated': turnSentence,
  'turn.failed': turnSentence,
  'udp.blocked': udpSentence,
  'uplink.overrated': ({ toldBps, lineBps }) =>
    `the line carries ${formatRate(lineBps)}, less than --upload ${formatRate(toldBps)}: what it carries is used. ` +
    'Give less, or auto',
  ...DOOR_SENTENCES,
  ...PLAIN_SENTENCES,
  ...DELIVERY_SENTENCES,
  ...PHONE_SENTENCES,
  'sink.opened': ({ peer, stream, to, sdp }) => `${stream} of ${peer} plays at ${to}: open ${sdp}`,
  'sink.closed': ({ peer, stream }) => `${stream} of ${peer} plays no more`,
  'sink.failed': ({ peer, stream, reason }) => `${stream} of ${peer} cannot be played: ${reason}`,
};

const FORGED: { readonly [F in Of<'media.forged'>['fault']]: (note: Of<'media.forged'>) => string } = {
  forged: ({ owner, stream, via }) =>
    owner === via
      ? `FORGED: packets of ${stream} that ${owner} has not sent came as from its own address: somebody who has its key makes them up`
      : `FORGED: packets of ${stream} that ${owner} has not sent came through ${via}: nothing of ${owner} is taken from there any more`,
  broken: ({ owner, stream, via }) =>
    `packets of ${stream} of ${owner} come damaged${owner === via ? '' : ` through ${via}: asking ${owner} for another way`}`,
  unchecked: ({ owner, stream, via }) =>
    `whether ${owner} has sent what comes of ${stream}${owner === via ? '' : ` through ${via}`} cannot be checked: its digests do not come`,
};

const NONE_OPEN = 'no member of the room is reachable from outside: forward a port, or give --turn';
const NO_COMMON = 'no member that relays reaches both: forward a UDP port here or there, or give --turn';

const HOW = { lan: 'within our own network', direct: 'directly', turn: 'over a TURN server' } as const;

const CUT = {
  unanswered: (peer: string) => `no way leads to ${peer}: a firewall lets no UDP through, here or there`,
  family: (peer: string) =>
    `one of us and ${peer} has only IPv4, the other only IPv6: media goes over a member that has both, if there is one`,
  nat: (peer: string) =>
    `our router and that of ${peer} refuse each other: media goes over a member that both reach, if there is one`,
} as const;

const ENDED = {
  left: 'left',
  refused: 'refused by the room',
  replaced: 'replaced: another process has joined under this id since, and goes on in our place',
} as const;

const GONE = { bye: 'left', silent: 'has gone silent', restarted: 'started anew' } as const;

const REJECTED = {
  notRtp: 'they are not RTP',
  tooLong: 'they are over 1472 bytes (for ffmpeg, add pkt_size=1200 to the address)',
  otherStream: 'another stream runs on this port',
} as const;

const NO_KEY_FRAME = {
  unanswered: (stream: string) =>
    `the program that feeds ${stream} sends no key frame when it is asked: who joins waits for the next one; let it send one every second or two`,
  unreachable: (stream: string) =>
    `the program that feeds ${stream} sends no key frames, and no RTCP by which it could be asked for one: add rtcp=HOST:PORT to its --source, or let it send one every second or two`,
} as const;

export function sentenceOf(note: Note): string {
  // Each key of the table takes the notes of that type; the type system cannot follow the look-up.
  const tell = SENTENCES[note.type] as (note: Note) => string;
  return tell(note);
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function list(names: readonly string[]): string {
  const last = names.at(-1);
  return names.length < 2 ? (last ?? 'nobody') : `${names.slice(0, -1).join(', ')} and ${last}`;
}
