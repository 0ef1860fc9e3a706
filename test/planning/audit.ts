/** A slow, obvious reading of a plan: what everybody would send, lend and receive if it were carried out. */
import type { Plan, PlanInput, PlanPeer, PlanRoute, PlanStream } from '../../machines/plan.ts';
import { ALL_SLICES, SLICE_COUNT } from '../../machines/slices.ts';

/** Loads are sums of sixteenths of rates, limits are products: they differ in their last bits. */
const ROUNDING = 1e-8;

/** Every rule that a plan breaks, in words; none for a sound plan. */
export function faultsOf(input: PlanInput, plan: Plan): string[] {
  const audit = new Audit(input, plan);
  return [...audit.routes(), ...audit.streams(), ...audit.audio(), ...audit.peers()];
}

class Audit {
  readonly #input: PlanInput;
  readonly #plan: Plan;
  readonly #peers: ReadonlyMap<string, PlanPeer>;
  readonly #sent = new Map<string, number>();
  readonly #lent = new Map<string, number>();
  readonly #downloads = new Map<string, number>();
  /** By stream, slice and receiver: on how many paths it comes. */
  readonly #arrivals = new Map<string, number>();

  constructor(input: PlanInput, plan: Plan) {
    this.#input = input;
    this.#plan = plan;
    this.#peers = new Map(input.peers.map((peer) => [peer.id, peer]));
  }

  /** Adds up what all routes cost. */
  routes(): string[] {
    return this.#plan.routes.flatMap((route) => {
      const faults = this.#senders(route);
      const perSlice = (this.#plan.rates[`${route.source}/${route.stream}`] ?? Number.NaN) / SLICE_COUNT;
      for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
        if ((route.slices & (1 << slice)) === 0) continue;
        for (const hop of route.relay === null ? route.receivers : [route.relay]) {
          add(this.#sent, route.source, perSlice);
          add(this.#downloads, hop, perSlice);
          if (this.#wants(hop, route)) add(this.#arrivals, `${route.source}/${route.stream} ${slice} ${hop}`, 1);
          else if (route.relay === null) faults.push(`${hop} gets ${nameOf(route)} and does not want it`);
        }
        if (route.relay === null) continue;
        for (const receiver of route.receivers) {
          add(this.#sent, route.relay, perSlice);
          add(this.#lent, route.relay, perSlice);
          add(this.#downloads, receiver, perSlice);
          add(this.#arrivals, `${route.source}/${route.stream} ${slice} ${receiver}`, 1);
          if (!this.#wants(receiver, route)) faults.push(`${receiver} gets ${nameOf(route)} and does not want it`);
        }
      }
      return faults;
    });
  }

  #senders(route: PlanRoute): string[] {
    const faults: string[] = [];
    const { source, relay, receivers } = route;
    const through = relay === null ? undefined : this.#peers.get(relay);
    if (receivers.length === 0) faults.push(`${nameOf(route)} has no receivers`);
    if (relay !== null && through === undefined) faults.push(`${nameOf(route)} goes through a stranger`);
    if (through?.compatible === false) faults.push(`${nameOf(route)} is relayed by a plain endpoint`);
    if (relay !== null && this.#peers.get(source)?.compatible === false) {
      faults.push(`${nameOf(route)} is of a plain endpoint and relayed`);
    }
    if (relay === source || receivers.includes(relay ?? '')) faults.push(`${nameOf(route)} is a loop`);
    return faults;
  }

  /** Every wanted stream, or just one of its group, comes whole or is called unserved. */
  streams(): string[] {
    const faults: string[] = [];
    const unserved = new Set(this.#plan.unserved.map((pair) => `${pair.source}/${pair.stream} ${pair.receiver}`));
    for (const { id: source, streams = [] } of this.#input.peers) {
      for (const { name, minBps, maxBps, group } of streams) {
        const rate = this.#plan.rates[`${source}/${name}`] ?? Number.NaN;
        const isSent = this.#plan.routes.some((route) => route.source === source && route.stream === name);
        const isSilentLayer = group !== undefined && rate === 0 && !isSent;
        if (!isSilentLayer && !(rate >= minBps && rate <= maxBps))
          faults.push(`${source}/${name} has the rate ${rate}`);
      }
      for (const lowest of streams.filter((stream) => isLowest(stream, streams))) {
        const layers = layersOf(lowest, streams);
        for (const { id: receiver } of this.#input.peers) {
          const pair = `${source}/${lowest.name} ${receiver}`;
          if (!this.#wants(receiver, { source, stream: lowest.name })) continue;
          const expected = unserved.delete(pair) ? 0 : 1;
          for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
            const paths = layers.map(({ name }) => this.#arrivals.get(`${source}/${name} ${slice} ${receiver}`) ?? 0);
            const sum = paths.reduce((total, count) => total + count, 0);
            if (sum !== expected) faults.push(`slice ${slice} of ${pair} has ${sum} paths, not ${expected}`);
          }
          const got = layers.filter(({ name }) => this.#arrivals.has(`${source}/${name} 0 ${receiver}`));
          if (new Set(got).size > 1) faults.push(`${pair} gets several layers`);
          for (const { name } of got) {
            const most = this.#most(receiver, source, lowest, streams);
            const rate = this.#plan.rates[`${source}/${name}`] ?? 0;
            if (exceeds(rate, most)) faults.push(`${pair} comes at ${rate}, and no more than ${most} is wanted`);
          }
        }
      }
    }
    for (const pair of unserved) faults.push(`${pair} is called unserved and was never asked for`);
    return faults;
  }

  /** Audio comes whole, over one path. */
  audio(): string[] {
    return this.#plan.routes.flatMap((route) => {
      const media = this.#peers.get(route.source)?.streams?.find(({ name }) => name === route.stream)?.media;
      return media === 'audio' && route.slices !== ALL_SLICES ? [`${nameOf(route)} is audio and split`] : [];
    });
  }

  peers(): string[] {
    const faults: string[] = [];
    for (const { id, uploadBps, lendBps, downloadBps = Number.POSITIVE_INFINITY } of this.#input.peers) {
      const usable = uploadBps * this.#input.headroom;
      const load = this.#sent.get(id) ?? 0;
      const lent = this.#lent.get(id) ?? 0;
      const download = this.#downloads.get(id) ?? 0;
      if (exceeds(load, usable)) faults.push(`${id} sends ${load} of ${usable} bit/s`);
      if (exceeds(lent, lendBps ?? usable)) faults.push(`${id} lends ${lent} bit/s`);
      if (exceeds(download, downloadBps)) faults.push(`${id} downloads ${download} of ${downloadBps} bit/s`);
      const told = this.#plan.load[id] ?? Number.NaN;
      if (!(Math.abs(told - load) <= ROUNDING * Math.max(1, load)))
        faults.push(`${id} sends ${load}, not ${told} bit/s`);
    }
    return faults;
  }

  #wants(receiver: string, { source, stream }: { source: string; stream: string }): boolean {
    const streams = this.#peers.get(source)?.streams ?? [];
    const wanted = streams.find(({ name }) => name === stream);
    return wanted !== undefined && this.#most(receiver, source, wanted, streams) >= 0;
  }

  /** The highest rate at which a peer wants a stream or its group; -1: not at all. */
  #most(receiver: string, source: string, stream: PlanStream, streams: readonly PlanStream[]): number {
    if (receiver === source) return -1;
    const { wants } = this.#peers.get(receiver) ?? { wants: [] };
    if (wants === undefined) return Number.POSITIVE_INFINITY;
    const names = new Set([stream.group, ...layersOf(stream, streams).map(({ name }) => name)]);
    const rates = wants.flatMap((want) =>
      want.source === source && (want.stream === undefined || names.has(want.stream))
        ? [want.maxBps ?? Number.POSITIVE_INFINITY]
        : [],
    );
    return Math.max(-1, ...rates);
  }
}

/** Streams that show the same, itself among them. */
function layersOf(stream: PlanStream, streams: readonly PlanStream[]): PlanStream[] {
  return stream.group === undefined ? [stream] : streams.filter(({ group }) => group === stream.group);
}

function isLowest(stream: PlanStream, streams: readonly PlanStream[]): boolean {
  return layersOf(stream, streams).every((other) => other === stream || (other.layer ?? 0) > (stream.layer ?? 0));
}

/** How many pairs of a stream and a receiver get anything through a relay. */
export function twoHopPairs(plan: Pick<Plan, 'routes'>): number {
  const pairs = plan.routes.flatMap(({ source, stream, relay, receivers }) =>
    relay === null ? [] : receivers.map((receiver) => `${source}/${stream} ${receiver}`),
  );
  return new Set(pairs).size;
}

/** Which slices reach whom through whom, in an order of their own: equal for plans that run alike. */
export function pathsOf(routes: readonly PlanRoute[]): Map<string, string> {
  const paths = new Map<string, string>();
  for (const { source, stream, slices, relay, receivers } of routes) {
    for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
      if ((slices & (1 << slice)) === 0) continue;
      if (relay !== null) paths.set(`${source}/${stream} ${relay} ${slice}`, 'direct');
      for (const receiver of receivers) paths.set(`${source}/${stream} ${receiver} ${slice}`, relay ?? 'direct');
    }
  }
  return paths;
}

function add(totals: Map<string, number>, key: string, amount: number): void {
  totals.set(key, (totals.get(key) ?? 0) + amount);
}

function exceeds(value: number, limit: number): boolean {
  return value > limit * (1 + ROUNDING);
}

function nameOf(route: PlanRoute): string {
  return `the route of ${route.source}/${route.stream} through ${route.relay ?? 'nobody'}`;
}
