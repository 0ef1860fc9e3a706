/** The room as its page shows it: what the call knows of each member and stream, in the page's words. */
import { parseCodec } from '../../infra/codec/codec.ts';
import type { LinkFormat } from '../../infra/webrtc/contract.ts';
import type { Paths } from '../../machines/forwarding/paths.ts';
import { isSealedBetween } from '../../machines/keys/sealed.ts';
import type { PeerId } from '../../machines/messages.ts';
import { type Member, othersOf, selfOf, type View } from '../../machines/view.ts';
import { whyText } from '../status/pair-way.ts';
import type { CallStatus, MemberStatus } from '../status/snapshot.ts';
import {
  type MemberState,
  MOST_NAMED,
  type OwnStreamState,
  type RemoteStreamState,
  type RoomState,
  type ShownSlot,
} from './messages.ts';
import type { PageTracks } from './page-tracks.ts';
import type { QuietStreams } from './quiet-streams.ts';
import { payloadTypeFor } from './slots/playable.ts';

/** Rates are told in such steps, in bit/s: what changes by less need not be said. */
const RATE_STEP_BPS = 1000;

export interface ObservedRoom {
  readonly status: CallStatus;
  readonly view: View;
  /** How the own streams run, by name: the relays to each receiver. */
  readonly paths: ReadonlyMap<string, Paths>;
  readonly tracks: Pick<PageTracks, 'shown' | 'isMuted'>;
  /** What the page shows, and what it can decode. */
  readonly slots: readonly ShownSlot[];
  readonly formats: readonly LinkFormat[];
  readonly invite: string;
  readonly quiet: QuietStreams;
  /** Milliseconds on a monotonic clock. */
  readonly nowMs: number;
  /** Milliseconds since the Unix epoch. */
  readonly unixMs: number;
}

export function roomState(room: ObservedRoom): RoomState {
  const { status, view, unixMs, invite } = room;
  const statuses = new Map(status.members.map((member) => [member.id, member]));
  const others = othersOf(view);
  room.quiet.keepOnly(new Set(others.flatMap(({ id, streams }) => streams.map(({ name }) => streamKey(id, name)))));
  return {
    type: 'state',
    at: Math.round(unixMs),
    self: {
      ...{ id: status.id, name: status.name, room: status.room },
      line: lineState(status),
      downlinkBps: status.downlink === null ? null : roughly(status.downlink.lineBps),
      ...{ uploadBps: status.uploadBps, usedBps: stepped(status.sendBps), lentBps: stepped(status.promisedBps) },
      bus: status.busConnected ? 'connected' : 'lost',
    },
    own: room.tracks.shown.map(({ stream, source }) => ownState(room, stream, source)),
    members: others.flatMap((member) => {
      const known = statuses.get(member.id);
      return known === undefined ? [] : [memberState(room, member, known)];
    }),
    invite,
  };
}

function lineState({ measured }: CallStatus): RoomState['self']['line'] {
  if (measured === null) return null;
  const { lineBps, limitedBy: limit, overratedBps } = measured;
  return { bps: lineBps === null ? null : roughly(lineBps), limit, overratedBps };
}

type OwnStream = PageTracks['shown'][number];

function ownState(
  { paths, tracks }: ObservedRoom,
  stream: OwnStream['stream'],
  source: OwnStream['source'],
): OwnStreamState {
  const receivers = [...(paths.get(stream.name)?.values() ?? [])];
  const relays = receivers.flatMap((ways) => [...ways.keys()].filter((relay) => relay !== null));
  return {
    ...{ stream: stream.name, track: stream.track, muted: tracks.isMuted(stream.track) },
    ...{ rateBps: stepped(source?.rateBps ?? 0), sentBps: stepped(source?.measuredBps() ?? 0) },
    ...{ receivers: receivers.length, relays: [...new Set(relays)].sort() },
  };
}

function memberState(room: ObservedRoom, member: Member, status: MemberStatus): MemberState {
  const { way } = status;
  const { id, streams } = member;
  return {
    ...{ id, name: status.name, state: status.state },
    // A plain endpoint proves no way: it is where it says that it is.
    pair: way?.kind ?? 'direct',
    relays: way?.kind === 'via' ? [...way.relays] : [],
    reason: way === null ? null : whyText(way),
    plain: plainState(room.status, id),
    ...sealState(room, member),
    streams: streams.map((stream) => streamState(room, id, stream, status)),
  };
}

function plainState({ id: self, plain }: CallStatus, peer: PeerId): MemberState['plain'] {
  const listener = plain.find(({ id }) => id === peer);
  if (listener?.refusedBy.includes(self)) return 'refused';
  return listener !== undefined && listener.hears.length > 0 ? 'hears' : null;
}

/** Whether what comes of a member is for members alone, and whether all of it was its own. */
function sealState(
  { status, view }: ObservedRoom,
  member: Member,
): Pick<MemberState, 'sealed' | 'heardBy' | 'forgedBy'> {
  const { id } = member;
  const heardBy = status.plain.flatMap((listener) => (listener.hears.includes(id) ? [listener.id] : []));
  const forgedBy = status.trust.forgeries.flatMap(({ owner, via }) => (owner === id ? [via] : []));
  return {
    sealed: isSealedBetween(selfOf(view), member),
    heardBy: heardBy.slice(0, MOST_NAMED),
    forgedBy: forgedBy.slice(0, MOST_NAMED),
  };
}

function streamState(
  { slots, formats, quiet, nowMs }: ObservedRoom,
  peer: string,
  { name, group, layer, media, codec: text, fmtp }: Member['streams'][number],
  { from }: MemberStatus,
): RemoteStreamState {
  const received = from.find(({ stream }) => stream === name);
  const codec = parseCodec(text);
  const isShown = slots.some((slot) => slot.peer === peer && (slot.stream === name || slot.stream === group));
  const bps = received?.inBps ?? 0;
  return {
    ...{ stream: name, group, layer, media, codec: text, bps: stepped(bps), loss: received?.loss ?? null },
    playable: codec !== undefined && payloadTypeFor({ codec, fmtp }, formats) !== undefined,
    via: [...new Set((received?.ways ?? []).flatMap(({ relay }) => relay ?? []))].sort(),
    ...{ freezes: received?.freezes ?? 0, frozenMs: Math.round(received?.stillMs ?? 0) },
    silent: media === 'audio' && quiet.isQuiet(streamKey(peer, name), isShown ? bps > 0 : null, nowMs),
  };
}

/** No name holds a slash. */
function streamKey(peer: string, stream: string): string {
  return `${peer}/${stream}`;
}

/** To two digits, which is what is shown of it: a measured line moves with each report. */
function roughly(bps: number): number {
  return Number(bps.toPrecision(2));
}

function stepped(bps: number): number {
  return RATE_STEP_BPS * Math.round(bps / RATE_STEP_BPS);
}
