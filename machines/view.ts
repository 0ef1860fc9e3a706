/**
 * What one peer knows of the room, and how messages change it. Every reducer returns the same object where nothing that
 * matters has changed, so that an unchanged view costs no planning.
 */
import { isAtAnothersAddress, sameMedia } from './claimed-addresses.ts';
import type {
  Body,
  Capabilities,
  HeldAgreement,
  LinePart,
  Media,
  NarrowLeg,
  Nat,
  PeerId,
  PlainPolicy,
  RouteInfo,
  StreamInfo,
  StreamName,
  Wants,
} from './messages.ts';
import { sameData } from './same-data.ts';
import { unpackRoutes } from './signaling/routes-on-wire.ts';

export interface Member {
  readonly id: PeerId;
  /** Grows with every start of the member's process. */
  readonly epoch: number;
  /** How people call it; empty: by its id. Anybody may take any. */
  readonly name: string;
  /** The number of its profile that this is; 0: none has come yet. */
  readonly profile: number;
  readonly software: string;
  readonly version: string;
  readonly compatible: boolean;
  /** Ties a stream to the address that it comes from first. Left out: it does not. */
  readonly oneAddress?: boolean | undefined;
  /** Where it says that it receives. Of a compatible member only its pair knows: see machines/pairs. */
  readonly media: Media;
  /** Of which the keys of its pairs are made; null: it answers no checks. */
  readonly key: string | null;
  /** Its host as the internet sees it, where that is known. */
  readonly outside: string | null;
  readonly streams: readonly StreamInfo[];
  readonly uploadBps: number;
  /** Upload times headroom. */
  readonly usableBps: number;
  readonly lendBps: number;
  /** What it can receive, bit/s; null: no matter. */
  readonly downloadBps: number | null;
  readonly wants: Wants;
  /** Whom it lets have its streams in the clear. */
  readonly plain: PlainPolicy;
  readonly leaving: boolean;
  readonly nat: Nat;
  /** Members that it has no way to. */
  readonly cut: readonly PeerId[];
  /** Members that it reaches over a TURN server only. */
  readonly costly: readonly PeerId[];
  /** Members to whom its packets find a way of so little room. */
  readonly narrow: readonly NarrowLeg[];
  /** What it has found of its line; null: it has not measured it. */
  readonly line: LinePart | null;
  /** How the member's own streams run now. */
  readonly routes: readonly RouteInfo[];
  /** What it holds as a client. */
  readonly agreements: readonly HeldAgreement[];
  readonly promisedBps: number;
}

export interface View {
  readonly self: PeerId;
  /** Ourselves first, then in the order in which they claimed their addresses. */
  readonly members: ReadonlyMap<PeerId, Member>;
}

/** The room of one. */
export function soloView(self: Member): View {
  return { self: self.id, members: new Map([[self.id, self]]) };
}

export function selfOf(view: View): Member {
  const self = view.members.get(view.self);
  if (self === undefined) throw new Error(`a view always holds its own peer; ${view.self} is missing`);
  return self;
}

export function othersOf(view: View): Member[] {
  return [...view.members.values()].filter((member) => member.id !== view.self);
}

/** What only a profile tells, before there is one: a member that receives everything and has nothing to spare. */
export const NO_PROFILE = {
  profile: 0,
  uploadBps: 0,
  usableBps: 0,
  lendBps: 0,
  downloadBps: null,
  wants: 'all',
  plain: 'local',
  leaving: false,
  nat: 'unknown',
  cut: [],
  costly: [],
  narrow: [],
  line: null,
  routes: [],
  agreements: [],
  promisedBps: 0,
} as const satisfies Partial<Member>;

/** A member as its invite or answer describes it; what only a profile tells is kept from before. */
export function withSession(view: View, id: PeerId, epoch: number, body: Capabilities): View {
  const before = view.members.get(id);
  const known = before?.epoch === epoch ? before : undefined;
  const { name, software, version, compatible, oneAddress, media, key, outside, plain, wants, streams } = body;
  const described = { name, software, version, compatible, oneAddress, media, key, outside, plain, wants, streams };
  return withMember(view, { ...NO_PROFILE, ...known, ...{ id, epoch }, ...described });
}

/** A member as its profile describes it. */
export function withProfile(view: View, id: PeerId, epoch: number, body: Body<'profile'>): View {
  const { number: profile, receivers, routes, ...told } = body;
  return withMember(view, {
    ...told,
    ...{ id, epoch, profile },
    routes: unpackRoutes(body.streams, receivers, routes),
  });
}

/**
 * Whether a message comes from a process that is a member: from no earlier or later start of it, and from no stranger. What does
 * not is no word of the member's, whatever it is about.
 */
export function isCurrent(
  { members }: Pick<View, 'members'>,
  { from, epoch }: { readonly from: PeerId; readonly epoch: number },
): boolean {
  return members.get(from)?.epoch === epoch;
}

/** The stream of this name, if the member has one. */
export function streamOf(member: Member | undefined, name: StreamName): StreamInfo | undefined {
  return member?.streams.find((stream) => stream.name === name);
}

/** Whether this member says that its stream goes to us, whichever way. */
export function sendsUs({ self, members }: View, owner: PeerId, stream: StreamName): boolean {
  const routes = members.get(owner)?.routes ?? [];
  return routes.some((route) => route.stream === stream && route.receivers.includes(self));
}

/** Whether a member's wants take in this stream of another, or the group that it is a layer of. */
export function wantsStream({ wants }: Member, owner: PeerId, { name, group }: StreamInfo): boolean {
  if (wants === 'all') return true;
  return wants.some(
    ({ source, stream }) => source === owner && (stream === undefined || stream === name || stream === group),
  );
}

export function withMember(view: View, told: Member): View {
  const before = view.members.get(told.id);
  const moves = before !== undefined && !sameMedia(before.media, told.media);
  if (moves && before.epoch === told.epoch && isAtAnothersAddress(withoutMember(view, told.id), told)) {
    // Were it believed, it would get the other's address as soon as we miss the other on the bus, whose packets may still come
    // from there: a running member keeps the address that it had.
    return withMember(view, { ...told, media: before.media });
  }
  if (before !== undefined && sameMember(before, told)) return view;
  const members = new Map(view.members);
  if (moves && told.id !== view.self) members.delete(told.id);
  return { ...view, members: members.set(told.id, told) };
}

export function withoutMember(view: View, id: PeerId): View {
  if (!view.members.has(id)) return view;
  const members = new Map(view.members);
  members.delete(id);
  return { ...view, members };
}

/** Whether more has changed than how members' sources run: who is there, and what each can do. */
export function changesRoom(before: View, after: View): boolean {
  return differs(before, after, sameAtRest);
}

/** Whether anybody's source takes other ways. At which rate, and what anybody has promised, is no matter of the plan. */
export function reroutes(before: View, after: View): boolean {
  return differs(before, after, (a, b) => sameData(a.routes, b.routes));
}

/** Whether anybody came or went, or any member is not the same. */
function differs(before: View, after: View, isSame: (a: Member, b: Member) => boolean): boolean {
  if (before === after) return false;
  if (before.members.size !== after.members.size) return true;
  for (const [id, member] of after.members) {
    const known = before.members.get(id);
    if (known === member) continue;
    if (known === undefined || !isSame(known, member)) return true;
  }
  return false;
}

/** Whether two descriptions of a member differ in nothing but how its streams run and what it has agreed. */
function sameAtRest(a: Member, b: Member): boolean {
  return a === b || (RESTING_KEYS.every((key) => sameData(a[key], b[key])) && sameStreams(a.streams, b.streams));
}

/** The same streams, whatever they send now. */
function sameStreams(a: readonly StreamInfo[], b: readonly StreamInfo[]): boolean {
  if (sameData(a, b)) return true;
  const atRest = (streams: readonly StreamInfo[]) => streams.map((stream) => ({ ...stream, rateBps: 0 }));
  return sameData(atRest(a), atRest(b));
}

/** Has either of the two said that no way leads to the other? */
export function isCut({ members }: View, a: PeerId, b: PeerId): boolean {
  return (members.get(a)?.cut.includes(b) ?? false) || (members.get(b)?.cut.includes(a) ?? false);
}

function sameMember(a: Member, b: Member): boolean {
  return a === b || MEMBER_KEYS.every((key) => sameData(a[key], b[key]));
}

/** All of a member; the type keeps the list complete. */
const MEMBER_KEYS = Object.keys({
  ...{
    id: 0,
    epoch: 0,
    name: 0,
    profile: 0,
    software: 0,
    version: 0,
    compatible: 0,
    oneAddress: 0,
    media: 0,
    key: 0,
    outside: 0,
    streams: 0,
  },
  ...{
    uploadBps: 0,
    nat: 0,
    cut: 0,
    costly: 0,
    narrow: 0,
    line: 0,
    usableBps: 0,
    lendBps: 0,
    downloadBps: 0,
    wants: 0,
    plain: 0,
    leaving: 0,
    routes: 0,
    agreements: 0,
    promisedBps: 0,
  },
} satisfies Record<keyof Member, 0>) as readonly (keyof Member)[];
/** How it runs, what it holds and under which number that was told: no matter of who is there and what each can do. */
const RUNNING_KEYS: ReadonlySet<keyof Member> = new Set(['streams', 'routes', 'agreements', 'promisedBps', 'profile']);
const RESTING_KEYS = MEMBER_KEYS.filter((key) => !RUNNING_KEYS.has(key));
