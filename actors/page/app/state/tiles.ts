/** Which tiles the room makes: one for each person, one more for each further picture, such as a screen. */
import type { Member, PairKind, PlainState, RemoteStream } from '../link/messages.ts';

/** One tile of another member. */
export interface Tile {
  /** The member's id and the group that it shows; a person's main tile keeps its id whether the camera is on or not. */
  readonly id: string;
  readonly peer: string;
  readonly name: string;
  readonly kind: 'person' | 'screen' | 'extra';
  /** Group of the picture; null: none is sent. */
  readonly picture: string | null;
  /** Name of the stream of sound; null: none is sent. */
  readonly sound: string | null;
  readonly playable: boolean;
  /** The person has muted the microphone, or has none. */
  readonly silent: boolean;
  readonly path: Path;
}

/** How what a tile shows gets here. Rounded to what a person reads, so that a tile changes rarely. */
export interface Path {
  readonly pair: PairKind;
  readonly reason: string;
  readonly plain: PlainState;
  readonly sealed: boolean;
  readonly heardBy: readonly string[];
  readonly forgedBy: readonly string[];
  readonly via: readonly string[];
  /** bit/s, two digits that count. */
  readonly bps: number;
  /** Percent, whole. */
  readonly lossPercent: number;
  /** Seconds, whole; 0: it moves, or is a screen, whose picture is as old as what was done there last. */
  readonly frozenSeconds: number;
}

const SCREEN = 'screen';
const SCREEN_SOUND = 'screen-sound';
const CAMERA = 'camera';

export const mainTileOf = (peer: string): string => `${peer}/`;

export function tilesOf(members: readonly Member[]): Tile[] {
  return members.flatMap(tilesOfMember);
}

function tilesOfMember(member: Member): Tile[] {
  const pictures = new Map<string, RemoteStream[]>();
  for (const stream of member.streams) {
    if (stream.media !== 'video') continue;
    pictures.set(stream.group, [...(pictures.get(stream.group) ?? []), stream]);
  }
  const groups = [...pictures.keys()];
  const main = groups.find((group) => group === CAMERA) ?? groups.find((group) => group !== SCREEN) ?? null;
  const sounds = member.streams.filter(({ media }) => media === 'audio');
  const voice = sounds.find(({ stream }) => stream !== SCREEN_SOUND) ?? null;
  const screenSound = sounds.find(({ stream }) => stream === SCREEN_SOUND) ?? null;
  const others = groups.filter((group) => group !== main);
  return [
    tile(member, main, main === null ? [] : (pictures.get(main) ?? []), voice),
    ...others.map((group) => tile(member, group, pictures.get(group) ?? [], group === SCREEN ? screenSound : null)),
  ].map((each, index) => (index === 0 ? { ...each, id: mainTileOf(member.id), kind: 'person' } : each));
}

function tile(member: Member, group: string | null, layers: readonly RemoteStream[], sound: RemoteStream | null): Tile {
  const carried = layers.length > 0 ? layers : sound === null ? [] : [sound];
  return {
    id: `${member.id}/${group}`,
    peer: member.id,
    name: member.name,
    kind: group === SCREEN ? 'screen' : 'extra',
    picture: layers.length > 0 ? group : null,
    sound: sound?.stream ?? null,
    playable: layers.length === 0 || layers.some(({ playable }) => playable),
    silent: sound === null || sound.silent,
    path: pathOf(member, carried),
  };
}

function pathOf(member: Member, carried: readonly RemoteStream[]): Path {
  // Of several layers one is received at most; the others have no bits.
  const received = carried.filter(({ bps }) => bps > 0);
  const from = received.length > 0 ? received : carried;
  return {
    pair: member.pair,
    reason: member.reason,
    plain: member.plain,
    ...{ sealed: member.sealed, heardBy: member.heardBy, forgedBy: member.forgedBy },
    via: [...new Set(from.flatMap(({ via }) => via))],
    bps: twoDigits(received.reduce((total, { bps }) => total + bps, 0)),
    lossPercent: Math.round(100 * Math.max(0, ...received.map(({ loss }) => loss))),
    frozenSeconds: frozenSeconds(received),
  };
}

function frozenSeconds(received: readonly RemoteStream[]): number {
  // A browser sends a screen on which nothing happens once a second, or not at all.
  const moving = received.filter(({ group }) => group !== SCREEN);
  return moving.length === 0 ? 0 : Math.round(Math.min(...moving.map(({ frozenMs }) => frozenMs)) / 1_000);
}

export function twoDigits(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(2));
}

/** Do both look the same? A tile is drawn anew only where not. */
export function sameTile(a: Tile | undefined, b: Tile | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
