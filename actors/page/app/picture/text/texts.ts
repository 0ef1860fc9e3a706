/** What the picture of a room says, in one language. */
import type { RoomEvent } from '../../../../room-picture/contract.ts';
import { languageAmong } from '../../text/language.ts';
import { de } from './de.ts';
import { en } from './en.ts';

export interface Texts {
  /** BCP 47. */
  readonly language: string;
  readonly room: (room: string) => string;
  readonly live: string;
  readonly recorded: string;
  readonly connecting: string;
  readonly gone: string;
  readonly busAway: string;
  readonly peers: (count: number) => string;
  readonly empty: string;
  readonly picture: string;
  /** The same where there is place for one word. */
  readonly drawing: string;
  readonly pictureOf: (peers: number, streams: number, relays: number) => string;
  readonly tooMany: (arrows: number) => string;
  readonly own: string;
  readonly lent: string;
  readonly free: string;
  readonly upload: string;
  readonly direct: string;
  readonly toRelay: string;
  readonly relayed: string;
  readonly relaysFor: (names: string) => string;
  readonly plain: string;
  readonly leaving: string;
  readonly uploadOf: (own: string, lent: string, free: string, all: string) => string;
  readonly sends: string;
  readonly peer: string;
  readonly sendsNothing: string;
  readonly to: (receivers: string) => string;
  readonly via: (relay: string, receivers: string) => string;
  readonly allOthers: string;
  readonly everyone: string;
  readonly flow: (source: string, streams: string, from: string, to: string, rate: string) => string;
  readonly timeline: string;
  readonly lanes: Readonly<Record<'people' | 'agreements' | 'switches' | 'losses', string>>;
  readonly noEvents: string;
  readonly event: (event: RoomEvent) => string;
  readonly messages: string;
  readonly noMessages: string;
  readonly messagesOf: (name: string) => string;
  readonly following: string;
  readonly charts: string;
  readonly noCharts: string;
  readonly machines: string;
  readonly nowIn: (states: string) => string;
  readonly latest: string;
  readonly showContext: string;
  readonly context: string;
  readonly noContext: string;
  readonly play: string;
  readonly pause: string;
  readonly speed: string;
  readonly moment: string;
}

/** The first language that is spoken here of those that a reader has; else English. */
export function textsFor(languages: readonly string[]): Texts {
  const spoken: Readonly<Record<string, Texts>> = { en, de };
  return spoken[languageAmong(languages, spoken) ?? ''] ?? en;
}
