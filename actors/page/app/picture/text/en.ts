/** What the picture of a room says, in English. */
import type { RoomEvent, Way } from '../../../../room-picture/contract.ts';
import type { Texts } from './texts.ts';

const way = (relays: Way) => relays.map((relay) => (relay === null ? 'direct' : `via ${relay}`)).join(' and ');
const list = (names: readonly string[]) => names.join(', ');

const WHY_LEFT = { bye: 'left', silent: 'was lost: nothing is heard of it', restarted: 'started anew' } as const;

function event(told: RoomEvent): string {
  switch (told.what) {
    case 'joined':
      return `${told.peer} joined`;
    case 'left':
      return `${told.peer} ${WHY_LEFT[told.why]}`;
    case 'agreed':
      return `${told.relay} relays for ${told.client}: ${told.carries}`;
    case 'refused':
      return `${told.relay} refused ${told.client}: ${told.code}`;
    case 'ended':
      return `${told.relay} no longer relays for ${told.client}: ${told.reason}`;
    case 'switched':
      return `${told.source}/${told.stream} to ${list(told.receivers)}: ${way(told.before)} → ${way(told.after)}`;
    case 'missing':
      return `${told.receiver} misses packets of ${told.source}/${told.stream}`;
    case 'cut':
      return `${told.peer} has no way to ${list(told.others)}`;
  }
}

export const en: Texts = {
  language: 'en',
  room: (room) => `Room ${room}`,
  live: 'live',
  recorded: 'recorded',
  connecting: 'Connecting…',
  gone: 'The program behind this page has ended, or does not answer. Trying again…',
  busAway: 'The message bus is away: what you see is how it was.',
  peers: (count) => (count === 1 ? '1 peer' : `${count} peers`),
  empty: 'Nobody is here yet.',
  picture: 'Who carries whose packets',
  drawing: 'Picture',
  pictureOf: (peers, streams, relays) =>
    `${peers} peers, ${streams} arrows, ${relays} relays. The table says the same.`,
  tooMany: (arrows) => `${arrows} arrows more are not drawn.`,
  own: 'own streams',
  lent: 'lent to others',
  free: 'free',
  upload: 'Upload',
  direct: 'direct',
  toRelay: 'to a relay',
  relayed: 'relayed',
  relaysFor: (names) => `relays for ${names}`,
  plain: 'plain RTP',
  leaving: 'is leaving',
  uploadOf: (own, lent, free, all) => `${own} own, ${lent} lent, ${free} free of ${all}`,
  sends: 'Its streams go',
  peer: 'Peer',
  sendsNothing: 'nowhere',
  to: (receivers) => `direct to ${receivers}`,
  via: (relay, receivers) => `via ${relay} to ${receivers}`,
  allOthers: 'all others',
  everyone: 'everyone',
  flow: (source, streams, from, to, rate) => `${source}: ${streams}, ${from} → ${to}, ${rate}`,
  timeline: 'What happened',
  lanes: { people: 'People', agreements: 'Agreements', switches: 'Switches', losses: 'Losses' },
  noEvents: 'Nothing has happened yet.',
  event,
  messages: 'Messages',
  noMessages: 'Nothing has been said yet.',
  messagesOf: (name) => `only those of ${name}`,
  following: 'follow the newest',
  charts: 'Charts',
  noCharts: 'No peer tells of its machines. Start one with --inspect.',
  machines: 'Machines',
  nowIn: (states) => `now in ${states}`,
  latest: 'Latest transitions',
  showContext: 'What it remembers',
  context: 'Context',
  noContext: 'It is not told: the machine has ended, the peer does not answer, or this is a recording.',
  play: 'Play',
  pause: 'Pause',
  speed: 'Speed',
  moment: 'Moment',
};
