import test from 'ava';
import fc from 'fast-check';
import { NativeAddresses, readAddress } from '../../infra/path/batched/socket-address.ts';
import type { Endpoint, PathTable } from '../../infra/path/contract.ts';
import { endpointText } from '../../infra/path/table/addresses.ts';
import {
  applyChange,
  type CompiledTable,
  type StreamEntry,
  type Streams,
  type TableChange,
} from '../../infra/path/table/table.ts';
import { TableCompiler } from '../../infra/path/table/table-compiler.ts';
import { routeOf } from './rig.ts';

const endpoint = fc.record({
  host: fc.constantFrom('10.0.0.1', '10.0.0.2', '2001:db8::1'),
  port: fc.integer({ min: 1, max: 9 }),
});
const ssrc = fc.constantFrom(1, 2, 0x8000_0000, 0xffff_ffff);
const route = fc.record({
  ssrc,
  upstream: fc.option(fc.array(endpoint, { maxLength: 2 })),
  legs: fc.array(fc.record({ to: endpoint, slices: fc.constantFrom(0xffff, 0x00ff) }), { maxLength: 3 }),
  limitBps: fc.constantFrom(null, 1000),
  media: fc.constantFrom('audio' as const, 'video' as const),
});
/** One in a dozen of them is refused: one SSRC has two routes, or no receiver can be at port 0. */
const table: fc.Arbitrary<PathTable> = fc.record({
  routes: fc.oneof(
    { weight: 10, arbitrary: fc.uniqueArray(route, { selector: (each) => each.ssrc, maxLength: 4 }) },
    { weight: 1, arbitrary: route.map((each) => [each, each]) },
    { weight: 1, arbitrary: endpoint.map((to) => [routeOf(1, null, [to]), routeOf(2, null, [{ ...to, port: 0 }])]) },
  ),
  sinks: fc.array(fc.record({ ssrc, from: fc.array(endpoint, { maxLength: 3 }) }), { maxLength: 2 }),
});

/** Who hears of changes only, as the forwarding thread does. */
class Follower {
  readonly streams = new Map<number, StreamEntry>();
  #addresses = new NativeAddresses([], true);

  take(change: TableChange): void {
    applyChange(this.streams, change);
    this.#addresses = this.#addresses.after(change);
  }

  endpoint(id: number): Endpoint {
    return readAddress(this.#addresses.memory.buffer, this.#addresses.offset(id));
  }
}

function pictureOf(streams: Streams, endpointOf: (id: number) => Endpoint): unknown {
  const text = (id: number) => endpointText(endpointOf(id));
  return [...streams.values()]
    .sort((a, b) => a.ssrc - b.ssrc)
    .map(({ ssrc: of, own, audio, limitBps, inbound, destinationsBySlice }) => ({
      ...{ of, own, audio, limitBps },
      inbound: inbound.map(({ address, forward, deliver }) => ({ from: text(address), forward, deliver })),
      slices: destinationsBySlice.map((ids) => [...ids].map(text)),
    }));
}

function pictureOfTable({ addresses, streams }: CompiledTable): unknown {
  return pictureOf(streams, (id) => addresses.endpoint(id));
}

test('whatever tables follow each other, what is in force is the last good one, here and in the thread', (t) => {
  let refused = 0;
  fc.assert(
    fc.property(fc.array(table, { minLength: 5, maxLength: 30 }), fc.nat(20), (tables, joinsAt) => {
      const compiler = new TableCompiler();
      const follower = new Follower();
      let good: PathTable = { routes: [], sinks: [] };
      for (const [index, next] of tables.entries()) {
        if (index === joinsAt % tables.length) follower.take(compiler.whole());
        try {
          const change = compiler.setTable(next);
          if (index >= joinsAt % tables.length) follower.take(change);
          good = next;
        } catch {
          refused++;
        }
        const fresh = new TableCompiler();
        fresh.setTable(good);
        t.deepEqual(pictureOfTable(compiler.compiled), pictureOfTable(fresh.compiled));
      }
      t.deepEqual(
        pictureOf(follower.streams, (id) => follower.endpoint(id)),
        pictureOfTable(compiler.compiled),
      );
    }),
    { seed: 4, numRuns: 60 },
  );
  t.true(refused > 50);
});

test('of a thousand routes only the changed one is told of', (t) => {
  const compiler = new TableCompiler();
  const receivers = [1, 2].map((last) => ({ host: `10.0.0.${last}`, port: 9 }));
  const upstream = { host: '10.0.0.3', port: 9 };
  const tableOf = (changed: readonly Endpoint[]) => ({
    routes: Array.from({ length: 1000 }, (_, index) => routeOf(index, upstream, index === 500 ? changed : receivers)),
    sinks: [],
  });
  t.is(compiler.setTable(tableOf(receivers)).streams.length, 1000);
  const change = compiler.setTable(tableOf([upstream]));
  t.deepEqual(
    [change.anew, change.streams.map((stream) => stream.ssrc), change.gone, change.addresses],
    [false, [500], [], []],
  );
});

test('addresses that nobody names any more are forgotten in time, and what was counted stays', (t) => {
  const compiler = new TableCompiler();
  const upstream = { host: '10.0.0.1', port: 9 };
  let anew = 0;
  for (let round = 0; round < 5000; round++) {
    const receiver = { host: `10.${1 + (round >> 8)}.${round & 0xff}.1`, port: 9 };
    if (compiler.setTable({ routes: [routeOf(7, upstream, [receiver])], sinks: [] }).anew) anew++;
    compiler.compiled.streams.get(7)?.inbound[0]?.arrival.arrived(round);
  }
  t.true(anew >= 3);
  t.true(compiler.compiled.addresses.endpoints.length < 2000);
  t.is(compiler.compiled.streams.get(7)?.inbound[0]?.arrival.packets, 5000);
});
