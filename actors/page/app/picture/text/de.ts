/** What the picture of a room says, in German. */
import type { RoomEvent, Way } from '../../../../room-picture/contract.ts';
import type { Texts } from './texts.ts';

const way = (relays: Way) => relays.map((relay) => (relay === null ? 'direkt' : `über ${relay}`)).join(' und ');
const list = (names: readonly string[]) => names.join(', ');

const WHY_LEFT = {
  bye: 'ist gegangen',
  silent: 'ist verloren gegangen: von ihm ist nichts zu hören',
  restarted: 'hat neu begonnen',
} as const;

function event(told: RoomEvent): string {
  switch (told.what) {
    case 'joined':
      return `${told.peer} ist da`;
    case 'left':
      return `${told.peer} ${WHY_LEFT[told.why]}`;
    case 'agreed':
      return `${told.relay} leitet weiter für ${told.client}: ${told.carries}`;
    case 'refused':
      return `${told.relay} lehnt ${told.client} ab: ${told.code}`;
    case 'ended':
      return `${told.relay} leitet nicht mehr weiter für ${told.client}: ${told.reason}`;
    case 'switched':
      return `${told.source}/${told.stream} an ${list(told.receivers)}: ${way(told.before)} → ${way(told.after)}`;
    case 'missing':
      return `${told.receiver} vermisst Pakete von ${told.source}/${told.stream}`;
    case 'cut':
      return `${told.peer} hat keinen Weg zu ${list(told.others)}`;
  }
}

export const de: Texts = {
  language: 'de',
  room: (room) => `Raum ${room}`,
  live: 'live',
  recorded: 'aufgezeichnet',
  connecting: 'Verbindung wird hergestellt …',
  gone: 'Das Programm hinter dieser Seite ist beendet oder antwortet nicht. Neuer Versuch …',
  busAway: 'Der Nachrichtenbus ist weg: Zu sehen ist, wie es war.',
  peers: (count) => (count === 1 ? '1 Peer' : `${count} Peers`),
  empty: 'Noch ist niemand da.',
  picture: 'Wer wessen Pakete trägt',
  drawing: 'Bild',
  pictureOf: (peers, streams, relays) =>
    `${peers} Peers, ${streams} Pfeile, ${relays} Relais. Die Tabelle sagt dasselbe.`,
  tooMany: (arrows) => `${arrows} weitere Pfeile sind nicht gezeichnet.`,
  own: 'eigene Ströme',
  lent: 'anderen geliehen',
  free: 'frei',
  upload: 'Upload',
  direct: 'direkt',
  toRelay: 'zum Relais',
  relayed: 'weitergeleitet',
  relaysFor: (names) => `leitet weiter für ${names}`,
  plain: 'einfaches RTP',
  leaving: 'geht gerade',
  uploadOf: (own, lent, free, all) => `${own} eigene, ${lent} geliehen, ${free} frei von ${all}`,
  sends: 'Seine Ströme gehen',
  peer: 'Peer',
  sendsNothing: 'nirgendwohin',
  to: (receivers) => `direkt an ${receivers}`,
  via: (relay, receivers) => `über ${relay} an ${receivers}`,
  allOthers: 'alle anderen',
  everyone: 'alle',
  flow: (source, streams, from, to, rate) => `${source}: ${streams}, ${from} → ${to}, ${rate}`,
  timeline: 'Was geschah',
  lanes: { people: 'Personen', agreements: 'Absprachen', switches: 'Wechsel', losses: 'Verluste' },
  noEvents: 'Noch ist nichts geschehen.',
  event,
  messages: 'Nachrichten',
  noMessages: 'Noch wurde nichts gesagt.',
  messagesOf: (name) => `nur die von ${name}`,
  following: 'den neuesten folgen',
  charts: 'Automaten',
  noCharts: 'Kein Peer erzählt von seinen Automaten. Starte einen mit --inspect.',
  machines: 'Automaten',
  nowIn: (states) => `jetzt in ${states}`,
  latest: 'Letzte Übergänge',
  showContext: 'Was er sich merkt',
  context: 'Kontext',
  noContext:
    'Das wird nicht gesagt: Der Automat ist beendet, der Peer antwortet nicht, oder dies ist eine Aufzeichnung.',
  play: 'Abspielen',
  pause: 'Anhalten',
  speed: 'Tempo',
  moment: 'Zeitpunkt',
};
