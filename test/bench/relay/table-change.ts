/** How long a changed route holds up the main thread, among a thousand routes of ten receivers. */

import type { PacketPath, PathRoute } from '../../../infra/path/contract.ts';
import { LOOPBACK_HOST } from '../../../infra/path/table/addresses.ts';
import { median } from '../median.ts';
import { openForwarder } from './forwarders/open-forwarder.ts';

const ROUTES = 1000;
const RECEIVERS_EACH = 10;
const WHOLE_STREAM = 0xffff;
const CHANGES = 300;
/** Changes before those that count: engines compile only what they have run often. */
const WARM_UP = 100;
/** Receivers' ports begin here; nothing is sent to them. */
const FIRST_PORT = 20_000;

export interface TableChangeCost {
  readonly kind: PacketPath['kind'];
  readonly routes: number;
  readonly receiversEach: number;
  /** Of the whole table put in force for the first time, in ms. */
  readonly firstMs: number;
  /** One route changed, all others are the same objects as before, in ms. */
  readonly changeMs: number;
  /** One route changed, and all are made anew with the same contents, in ms. */
  readonly rebuiltMs: number;
}

export async function measureTableChange(kind: PacketPath['kind']): Promise<TableChangeCost> {
  const path = await openForwarder(kind);
  try {
    const routes = Array.from({ length: ROUTES }, (_, index) => routeOf(index, 0));
    const firstMs = timed(() => path.setTable({ routes, sinks: [] }));
    const changeMs = medianChange(path, routes, (same) => same);
    const rebuiltMs = medianChange(path, routes, copyOf);
    return { kind, routes: ROUTES, receiversEach: RECEIVERS_EACH, firstMs, changeMs, rebuiltMs };
  } finally {
    await path.close();
  }
}

/** Changes one route at a time; `renew` makes the table that is set from the routes there are. */
function medianChange(path: PacketPath, routes: PathRoute[], renew: (routes: PathRoute[]) => PathRoute[]): number {
  const times = Array.from({ length: CHANGES }, (_, change) => {
    const at = change % ROUTES;
    routes[at] = routeOf(at, change + 1);
    const table = { routes: renew(routes), sinks: [] };
    return timed(() => path.setTable(table));
  });
  return median(times.slice(WARM_UP));
}

function copyOf(routes: readonly PathRoute[]): PathRoute[] {
  return routes.map((route) => ({ ...route, legs: route.legs.map(({ to, slices }) => ({ to: { ...to }, slices })) }));
}

/** @param version another one has another first receiver */
function routeOf(index: number, version: number): PathRoute {
  const port = (receiver: number) => FIRST_PORT + ((index * RECEIVERS_EACH + receiver) % 10_000);
  return {
    ssrc: index + 1,
    upstream: [{ host: LOOPBACK_HOST, port: 10_000 + index }],
    legs: Array.from({ length: RECEIVERS_EACH }, (_, receiver) => ({
      to: { host: LOOPBACK_HOST, port: receiver === 0 ? port(version % RECEIVERS_EACH) : port(receiver) },
      slices: WHOLE_STREAM,
    })),
    limitBps: 1e6,
    media: 'video',
  };
}

function timed(work: () => void): number {
  const since = performance.now();
  work();
  return performance.now() - since;
}
