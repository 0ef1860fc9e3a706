import test from 'ava';
import fc from 'fast-check';
import type { Endpoint, PathTable } from '../../infra/path/contract.ts';
import { CounterBlock, totalCounters } from '../../infra/path/counters.ts';
import { ACTION, decide, destinationsOf, Verdict } from '../../infra/path/decision/decision.ts';
import { PathState } from '../../infra/path/state.ts';
import { endpointText } from '../../infra/path/table/addresses.ts';
import { type Decision, DecisionModel } from './decision-model.ts';
import { rtpPacket } from './rig.ts';

const HOSTS: readonly Endpoint[] = [1, 2, 3].map((last) => ({ host: `10.0.0.${last}`, port: 4000 }));
const SSRCS = [1, 0xffff_ffff, 0x8000_0000];

/** The first bytes of a receiver report. */
const RTCP_HEAD = Uint8Array.of(0x80, 201);

/** STUN's, for a message of as many bytes as an RTP packet with 100 of payload. */
const STUN_HEAD = Uint8Array.of(0, 1, 0, 92, 0x21, 0x12, 0xa4, 0x42);

const endpoint = fc.constantFrom(...HOSTS);
const leg = fc.record({ to: endpoint, slices: fc.constantFrom(0xffff, 0x5555, 0xff00, 0) });
const route = fc.record({
  ssrc: fc.constantFrom(...SSRCS),
  upstream: fc.option(fc.array(endpoint, { minLength: 1, maxLength: 2 }), { freq: 8 }),
  legs: fc.array(leg, { maxLength: 4 }),
  // The limit of an SSRC does not change within a run: what a bucket holds after a change is nobody's promise.
  limitBps: fc.constant(null),
  media: fc.constantFrom('audio' as const, 'video' as const),
});
const sink = fc.record({ ssrc: fc.constantFrom(...SSRCS), from: fc.array(endpoint, { minLength: 1, maxLength: 3 }) });
const table = fc.record({
  routes: fc.uniqueArray(route, { selector: ({ ssrc }) => ssrc, minLength: 2, maxLength: 3 }),
  sinks: fc.array(sink, { minLength: 1, maxLength: 3 }),
  reporters: fc.array(endpoint, { maxLength: 2 }),
});

/** Steps of a stream as they occur: on, again, a bit back, over the window, to the other side of the circle. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 4, arbitrary: fc.integer({ min: -20, max: 0 }) },
  { weight: 2, arbitrary: fc.integer({ min: -5000, max: 5000 }) },
  { weight: 1, arbitrary: fc.integer({ min: -0x8000, max: 0x7fff }) },
);
const datagram = fc.record({
  source: fc.integer({ min: 0, max: 3 }),
  step,
  from: endpoint,
  payload: fc.oneof(
    { weight: 9, arbitrary: fc.nat(1300) },
    { weight: 3, arbitrary: fc.constant(100) },
    { weight: 1, arbitrary: fc.constantFrom(0, 1488, 1489) },
  ),
  damage: fc.oneof(
    { weight: 6, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constant(RTCP_HEAD) },
    { weight: 1, arbitrary: fc.constant(STUN_HEAD) },
  ),
  cut: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(1500) }),
  waitMs: fc.oneof(
    { weight: 150, arbitrary: fc.nat(5) },
    { weight: 1, arbitrary: fc.integer({ min: 1900, max: 2100 }) },
  ),
});
const run = fc.array(fc.oneof({ weight: 60, arbitrary: datagram }, { weight: 1, arbitrary: table }), {
  minLength: 100,
  maxLength: 400,
  size: 'max',
});

interface Setting {
  readonly limits: readonly (number | null)[];
  readonly start: PathTable;
}

const setting = fc.record({
  limits: fc.array(fc.constantFrom(null, 2000, 400_000), { minLength: 3, maxLength: 3 }),
  start: table,
});

function limited(given: PathTable, { limits }: Setting): PathTable {
  const routes = given.routes.map((each) => ({ ...each, limitBps: limits[SSRCS.indexOf(each.ssrc)] ?? null }));
  return { ...given, routes };
}

/** The decision under test, driven as a path drives it. */
class Subject {
  readonly #state = new PathState();
  readonly #counters = new CounterBlock();
  readonly #verdict = new Verdict();

  setTable(given: PathTable): void {
    this.#state.setTable(given);
  }

  decide(packet: Buffer, from: Endpoint, nowMs: number): Decision {
    const before = this.#counts();
    const { compiled } = this.#state;
    const sender = compiled.addresses.find(from.host, from.port);
    // As in a receive buffer: bytes of an earlier packet lie behind this one's end.
    const slot = Buffer.concat([packet, Buffer.alloc(40, 0x90)]).subarray(0, Math.max(packet.length, 1536));
    const action = decide(compiled, this.#counters, this.#verdict, slot, packet.length, sender, nowMs);
    const { stream, extendedSequence } = this.#verdict;
    const forwards = (action & ACTION.FORWARD) !== 0 && stream !== null;
    const ids = forwards ? [...destinationsOf(stream, packet)] : [];
    const after = this.#counts();
    return {
      forwardTo: ids.map((id) => endpointText(compiled.addresses.endpoint(id))).sort(),
      deliver: (action & ACTION.DELIVER) !== 0 ? extendedSequence : null,
      rtcp: (action & ACTION.RTCP) !== 0,
      stun: (action & ACTION.STUN) !== 0,
      counted: Object.keys(after).filter((name) => after[name] !== before[name]),
    };
  }

  #counts(): Record<string, number> {
    const { dropped, duplicatePackets } = totalCounters([this.#counters], 0);
    return { ...dropped, duplicate: duplicatePackets };
  }
}

/** The outcomes that a run has shown. */
function namesOf({ forwardTo, deliver, rtcp, stun, counted }: Decision): string[] {
  return [
    ...counted,
    ...(forwardTo.length > 0 ? ['forwarded'] : []),
    ...(deliver !== null ? ['delivered'] : []),
    ...(rtcp ? ['rtcp'] : []),
    ...(stun ? ['stun'] : []),
  ];
}

test('every datagram is decided on as the plain model says, through changes of the table', (t) => {
  const reached = new Map<string, number>();
  fc.assert(
    fc.property(setting, run, (given, steps) => {
      const subject = new Subject();
      const model = new DecisionModel();
      const sequences = [0, 65_500, 30_000, 7];
      let nowMs = 1000;
      const put = (next: PathTable) => {
        subject.setTable(limited(next, given));
        model.setTable(limited(next, given));
      };
      put(given.start);
      for (const each of steps) {
        if ('routes' in each) {
          put(each);
          continue;
        }
        nowMs += each.waitMs;
        const sequence = ((sequences[each.source] ?? 0) + each.step) & 0xffff;
        sequences[each.source] = sequence;
        const whole = rtpPacket({ ssrc: SSRCS[each.source] ?? 4, sequence, payload: each.payload });
        if (each.damage !== null) whole.set(each.damage);
        const packet = whole.subarray(0, each.cut === 0 ? whole.length : each.cut);
        const expected = model.decide(packet, each.from, nowMs);
        t.deepEqual(subject.decide(packet, each.from, nowMs), expected);
        for (const name of namesOf(expected)) reached.set(name, (reached.get(name) ?? 0) + 1);
      }
    }),
    { seed: 4, numRuns: 300 },
  );
  t.is(reached.size, 11);
  for (const [name, times] of reached) t.true(times > 10, `${name}: ${times}`);
});
