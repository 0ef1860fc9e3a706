/** A slow, obvious reading of a plan: what everybody would send, lend and receive if it were carried out. */
import type { Plan, PlanInput, PlanPeer, PlanRoute } from '../../machines/plan.ts';
import { SLICE_COUNT } from '../../machines/slices.ts';

/** Loads are sums of sixteenths of rates, limits are products: they differ in their last bits. */
const ROUNDING = 1e-8;

/** Every rule that a plan breaks, in words; none for a sound plan. */
export function faultsOf(input: PlanInput, plan: Plan): string[] {
  const faults: string[] = [];
  const peers = new Map(input.peers.map((peer) => [peer.id, peer]));
  const sent = new Map<string, number>();
  const lent = new Map<string, number>();
  const arrivals = new Map<string, number>();
  const add = (totals: Map<string, number>, key: string, amount: number): void => {
    totals.set(key, (totals.get(key) ?? 0) + amount);
  };
  const downloads = new Map<string, number>();

  for (const route of plan.routes) {
    const perSlice = (plan.rates[route.source] ?? 0) / SLICE_COUNT;
    const relay = route.relay === null ? undefined : peers.get(route.relay);
    if (route.receivers.length === 0) faults.push(`${nameOf(route)} has no receivers`);
    if (route.relay !== null && relay === undefined) faults.push(`${nameOf(route)} goes through a stranger`);
    if (relay?.compatible === false) faults.push(`${nameOf(route)} is relayed by a plain endpoint`);
    if (route.relay !== null && peers.get(route.source)?.compatible === false) {
      faults.push(`${nameOf(route)} is of a plain endpoint and relayed`);
    }
    if (route.relay === route.source || route.receivers.includes(route.relay ?? ''))
      faults.push(`${nameOf(route)} is a loop`);
    for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
      if ((route.slices & (1 << slice)) === 0) continue;
      const hops = route.relay === null ? route.receivers : [route.relay];
      for (const hop of hops) {
        add(sent, route.source, perSlice);
        add(downloads, hop, perSlice);
        const wantedHop = wants(peers.get(hop), route.source);
        if (wantedHop) add(arrivals, `${route.source} ${slice} ${hop}`, 1);
        else if (route.relay === null) faults.push(`${hop} gets ${route.source} and does not want it`);
      }
      if (route.relay === null) continue;
      for (const receiver of route.receivers) {
        add(sent, route.relay, perSlice);
        add(lent, route.relay, perSlice);
        add(downloads, receiver, perSlice);
        add(arrivals, `${route.source} ${slice} ${receiver}`, 1);
        if (!wants(peers.get(receiver), route.source))
          faults.push(`${receiver} gets ${route.source} and does not want it`);
      }
    }
  }

  const unserved = new Set(plan.unserved.map(({ source, receiver }) => `${source} ${receiver}`));
  for (const source of input.peers) {
    if (source.source === undefined) continue;
    const rate = plan.rates[source.id] ?? Number.NaN;
    if (!(rate >= source.source.minBps && rate <= source.source.maxBps))
      faults.push(`${source.id} has the rate ${rate}`);
    for (const receiver of input.peers) {
      if (!wants(receiver, source.id)) continue;
      const expected = unserved.delete(`${source.id} ${receiver.id}`) ? 0 : 1;
      for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
        const paths = arrivals.get(`${source.id} ${slice} ${receiver.id}`) ?? 0;
        if (paths !== expected)
          faults.push(`${receiver.id} has ${paths} paths, not ${expected}, to slice ${slice} of ${source.id}`);
      }
    }
  }
  for (const pair of unserved) faults.push(`${pair} is called unserved and was never asked for`);

  for (const peer of input.peers) {
    const usable = peer.uploadBps * input.headroom;
    const load = sent.get(peer.id) ?? 0;
    if (exceeds(load, usable)) faults.push(`${peer.id} sends ${load} of ${usable} bit/s`);
    if (exceeds(lent.get(peer.id) ?? 0, peer.lendBps ?? usable))
      faults.push(`${peer.id} lends ${lent.get(peer.id)} bit/s`);
    if (exceeds(downloads.get(peer.id) ?? 0, peer.downloadBps ?? Number.POSITIVE_INFINITY)) {
      faults.push(`${peer.id} downloads ${downloads.get(peer.id)} bit/s`);
    }
    const told = plan.load[peer.id] ?? Number.NaN;
    if (!(Math.abs(told - load) <= ROUNDING * Math.max(1, load)))
      faults.push(`${peer.id} sends ${load}, not ${told} bit/s`);
  }
  return faults;
}

/** How many pairs of a source and a receiver get anything through a relay. */
export function twoHopPairs(plan: Pick<Plan, 'routes'>): number {
  const pairs = plan.routes.flatMap(({ source, relay, receivers }) =>
    relay === null ? [] : receivers.map((receiver) => `${source} ${receiver}`),
  );
  return new Set(pairs).size;
}

/** Which slices reach whom through whom, in an order of their own: equal for plans that run alike. */
export function pathsOf(routes: readonly PlanRoute[]): Map<string, string> {
  const paths = new Map<string, string>();
  for (const { source, slices, relay, receivers } of routes) {
    for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
      if ((slices & (1 << slice)) === 0) continue;
      if (relay !== null) paths.set(`${source} ${relay} ${slice}`, 'direct');
      for (const receiver of receivers) paths.set(`${source} ${receiver} ${slice}`, relay ?? 'direct');
    }
  }
  return paths;
}

function wants(peer: PlanPeer | undefined, source: string): boolean {
  return peer !== undefined && peer.id !== source && (peer.wants === undefined || peer.wants.includes(source));
}

function exceeds(value: number, limit: number): boolean {
  return value > limit * (1 + ROUNDING);
}

function nameOf(route: PlanRoute): string {
  return `the route of ${route.source} through ${route.relay ?? 'nobody'}`;
}
