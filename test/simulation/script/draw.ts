/** What happens in a run, drawn from its seed: who joins with how much upload, and what goes wrong when. */
import { MBIT, randomUpload } from '../../planning/rooms.ts';
import { LIES } from '../hostile/misreport.ts';
import { Lines } from '../world/network/lines.ts';
import { Terrain } from '../world/network/terrain.ts';
import { Random } from '../world/random.ts';
import { Audience, drawStreams, EVERYTHING } from './company.ts';
import { FAULT_KINDS, type FaultKind, PRESETS, type Preset, type PresetName } from './presets.ts';
import { endOf, type Fault, type Join, type Script } from './script.ts';

/** Faults keep a room of at least so many. */
const FEWEST_MEMBERS = 3;

export interface Draw {
  readonly seed: number;
  readonly preset: PresetName;
  readonly peers: number;
  readonly seconds: number;
}

export function drawScript({ seed, preset: name, peers, seconds }: Draw): Script {
  const preset: Preset = PRESETS[name];
  const random = new Random(seed).fork('script');
  const names = Array.from({ length: peers }, (_, index) => peerName(index));
  const audience = new Audience(random.fork('audience'), preset, names);
  const terrain = new Terrain(random, preset.nats, peers);
  const lines = new Lines(random, preset.measured, peers);
  const joins = names.map((peer, index) =>
    placed(terrain, drawJoin(random, preset, audience, peer, Math.round((index * preset.arrivalMs) / peers), names)),
  );
  // A short run has its faults in its first third at least.
  const untilMs = Math.max(seconds * 1000 - preset.quietMs, (seconds * 1000) / 3);
  const isSealed = random.fork('sealed').chance(preset.sealed);
  const signed = preset.locked === null ? {} : signedBy(random.fork('signed'), preset.locked);
  const faults = drawFaults(random, { preset, audience, terrain, lines, isSealed }, joins, untilMs);
  return {
    seed,
    preset: name,
    seconds,
    ...(isSealed && { sealed: true }),
    ...signed,
    faults: [...joins, ...faults].map((fault) => lines.fit(fault)).sort((a, b) => a.at - b.at),
  };
}

function signedBy(random: Random, locked: number): Pick<Script, 'signed'> {
  return { signed: random.chance(locked) ? 'locked' : 'open' };
}

function placed(terrain: Terrain, join: Join): Join {
  const place = terrain.placeOf(join.peer, join.compatible);
  return place === undefined ? join : { ...join, place };
}

function peerName(index: number): string {
  return `p${String(index + 1).padStart(2, '0')}`;
}

function drawJoin(
  random: Random,
  preset: Preset,
  audience: Audience,
  peer: string,
  at: number,
  present: readonly string[],
): Join {
  const compatible = !random.chance(preset.plain);
  const own = random.fork(`company of ${peer}`);
  const streams = drawStreams(own, preset, compatible);
  // A plain endpoint tells nobody what it wants, and sends everybody a copy of its own.
  if (!compatible) {
    return { at, do: 'join', peer, uploadBps: 100 * MBIT, lendBps: 0, compatible, streams, ...EVERYTHING };
  }
  const uploadBps = random.chance(preset.poor) ? random.integer(...POOR_BPS) : randomUpload(random.next);
  const lendBps = random.chance(preset.lendsNothing) ? 0 : uploadBps;
  const wishes = audience.draw(own, peer, present);
  return { at, do: 'join', peer, uploadBps, lendBps, compatible, streams, ...wishes };
}

function drawFaults(random: Random, around: Around, joins: readonly Join[], untilMs: number): Fault[] {
  const { preset, terrain, lines, isSealed } = around;
  const kinds = FAULT_KINDS.filter((kind) => {
    // In the clear whoever relays can say what it likes.
    if (OF_SEALS.has(kind)) return isSealed;
    if (OF_NATS.has(kind)) return terrain.hasNats;
    return lines.areMeasured || !OF_LINES.has(kind);
  });
  const times = kinds
    .flatMap((kind) =>
      momentsOf(random.fork(kind), preset.perMinute[kind] ?? 0, preset.arrivalMs, untilMs).map((at) => ({ kind, at })),
    )
    .sort((a, b) => a.at - b.at);
  const room = new Room(around, joins);
  return times.flatMap(({ kind, at }) => {
    const fault = room.draw(random, kind, at, untilMs);
    return fault === undefined ? [] : [fault];
  });
}

/** A Poisson process: `perMinute` moments in a minute on average. */
function momentsOf(random: Random, perMinute: number, fromMs: number, untilMs: number): number[] {
  const moments: number[] = [];
  if (perMinute === 0) return moments;
  const next = (at: number) => Math.round(at - (Math.log(1 - random.next()) * 60_000) / perMinute);
  for (let at = next(fromMs); at < untilMs; at = next(at)) moments.push(at);
  return moments;
}

const OF_SEALS: ReadonlySet<FaultKind> = new Set(['forge', 'counterfeit', 'impersonate', 'tamper']);
const OF_NATS: ReadonlySet<FaultKind> = new Set(['move', 'rebind']);
const OF_LINES: ReadonlySet<FaultKind> = new Set(['foreign', 'misreport', 'vanish']);

interface Around {
  readonly lines: Lines;
  readonly preset: Preset;
  readonly audience: Audience;
  readonly terrain: Terrain;
  readonly isSealed: boolean;
}

/** Who is there while faults are drawn, so that nothing happens to those who are gone. */
class Room {
  readonly #around: Around;
  readonly #members: Map<string, Join>;
  #joined: number;
  /** When a member that is down or asleep is back. */
  readonly #backAt = new Map<string, number>();

  constructor(around: Around, joins: readonly Join[]) {
    this.#around = around;
    this.#members = new Map(joins.map((join) => [join.peer, join]));
    this.#joined = joins.length;
  }

  draw(random: Random, kind: FaultKind, at: number, untilMs: number): Fault | undefined {
    const { preset, audience, terrain } = this.#around;
    const names = [...this.#members.keys()];
    if (kind === 'join') {
      this.#joined += 1;
      const join = placed(terrain, drawJoin(random, preset, audience, peerName(this.#joined - 1), at, names));
      this.#members.set(join.peer, join);
      return join;
    }
    const present = [...this.#members.values()].filter(({ peer }) => (this.#backAt.get(peer) ?? 0) <= at);
    const member = random.pick(present);
    if (member === undefined) return undefined;
    const isNeeded = this.#members.size <= FEWEST_MEMBERS || terrain.isAnchor(member.peer);
    if ((kind === 'leave' || kind === 'crash') && isNeeded) return undefined;
    const fault = this.#drawFor(random, kind, at, member, present);
    if (fault === undefined || endOf(fault) > untilMs) return undefined;
    if (fault.do === 'leave' || fault.do === 'crash') this.#members.delete(member.peer);
    if (AWAY_FOR_A_WHILE.has(fault.do)) this.#backAt.set(member.peer, endOf(fault));
    return fault;
  }

  #drawFor(
    random: Random,
    kind: Exclude<FaultKind, 'join'>,
    at: number,
    member: Join,
    present: readonly Join[],
  ): Fault | undefined {
    const { audience, terrain } = this.#around;
    const { peer, compatible } = member;
    switch (kind) {
      case 'want':
        if (!compatible) return undefined;
        return { at, do: kind, peer, ...audience.drawChange(random, peer, [...this.#members.keys()]) };
      case 'move': {
        const place = compatible ? terrain.move(peer, at) : undefined;
        return place && { at, do: kind, peer, place };
      }
      case 'show': {
        if (!compatible || member.streams.length === 0) return undefined;
        const streams = member.streams.flatMap(({ name }) => (random.chance(0.5) ? [name] : []));
        return { at, do: kind, peer, streams };
      }
      case 'tamper': {
        const to = another(random, present, [peer]);
        return to === undefined ? undefined : { do: kind, at, from: peer, to, forMs: random.integer(...ATTACK_MS) };
      }
      case 'impersonate': {
        const owner = another(random, present, [peer]);
        if (owner === undefined) return undefined;
        const to = another(random, present, [peer, owner]);
        return to === undefined ? undefined : { do: kind, at, peer, owner, to, forMs: random.integer(...ATTACK_MS) };
      }
      case 'rebind':
        return terrain.isBehindRouter(peer) ? { at, do: kind, peer } : undefined;
      default:
        return drawFault(random, kind, at, member, present);
    }
  }
}

const AWAY_FOR_A_WHILE: ReadonlySet<Fault['do']> = new Set(['restart', 'clockback', 'twin', 'rekey']);
/** Of a member that needs relays, bit/s. */
const POOR_BPS = [500_000, 3_000_000] as const;
/** How long somebody forges, in ms. */
const ATTACK_MS = [200, 1500] as const;

/** One of these, but none of those; undefined: there is nobody else. */
function another(random: Random, present: readonly Join[], but: readonly string[]): string | undefined {
  return random.pick(present.filter(({ peer }) => !but.includes(peer)))?.peer;
}

function drawFault(
  random: Random,
  kind: Exclude<FaultKind, 'join' | 'want' | 'move' | 'rebind' | 'show' | 'tamper' | 'impersonate'>,
  at: number,
  { peer, compatible, uploadBps }: Join,
  present: readonly Join[],
): Fault | undefined {
  const lasting = (least: number, most: number) => ({ at, peer, forMs: random.integer(least, most) });
  switch (kind) {
    case 'leave':
    case 'crash':
      return { at, do: kind, peer };
    case 'restart':
      return { do: kind, ...lasting(0, 6000) };
    case 'clockback':
      return { do: kind, ...lasting(0, 6000), backMs: random.integer(1, 3_600_000) };
    case 'twin':
      return { do: kind, ...lasting(200, 8000) };
    case 'upload':
      return compatible ? { at, do: kind, peer, uploadBps: randomUpload(random.next) } : undefined;
    case 'foreign':
      return { do: kind, ...lasting(500, 5000), bps: Math.round(random.between(0.1, 1) * uploadBps) };
    case 'misreport':
      return { do: kind, ...lasting(1000, 8000), lie: random.pick(LIES) ?? LIES[0] };
    case 'vanish':
      return { do: kind, ...lasting(200, 3000) };
    case 'overclaim':
      return { do: kind, ...lasting(1000, 5000), share: random.between(0.3, 0.8) };
    case 'intercept':
      return { at, do: kind, by: random.chance(0.5) ? 'server' : peer, forMs: random.integer(...ATTACK_MS) };
    case 'counterfeit':
      return { do: kind, ...lasting(...ATTACK_MS) };
    case 'rekey':
      return { do: kind, ...lasting(300, 1500) };
    case 'lie':
    case 'forge':
      return { do: kind, ...lasting(1000, 8000) };
    case 'stall':
      return { do: kind, ...lasting(30, 1500) };
    case 'away':
      return { at, do: kind, peers: subset(random, present), forMs: random.integer(100, 9000) };
    case 'babble':
      return { do: kind, ...lasting(200, 3000) };
    case 'link': {
      const to = random.pick(present.filter((other) => other.peer !== peer))?.peer;
      if (to === undefined) return undefined;
      return { do: kind, at, from: peer, to, ...trouble(random) };
    }
  }
}

/** Cut off in half of all cases, else lossy and late. */
function trouble(random: Random) {
  const cut = random.chance(0.5);
  return {
    forMs: random.integer(100, 6000),
    loss: cut ? 1 : random.between(0.05, 0.5),
    latencyMs: Math.round(random.between(0, 300)),
  };
}

function subset(random: Random, members: readonly Join[]): string[] {
  const share = random.next();
  return members.flatMap(({ peer }) => (random.chance(share) ? [peer] : []));
}
