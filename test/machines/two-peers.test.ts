/**
 * Two real root machines that relay for each other and for a third, over a bus that loses and reorders: whatever happens
 * in whatever order, in the end both mean the same room.
 */
import test from 'ava';
import fc from 'fast-check';
import type { PeerId } from '../../machines/messages.ts';
import { sameData } from '../../machines/same-data.ts';
import type { Member } from '../../machines/view.ts';
import { drawn } from '../extent.ts';
import { Random } from '../simulation/world/random.ts';
import { member, RATE_BPS } from './members.ts';
import { Room } from './room.ts';

/** Long enough for every lease, doubt and retry to have come to its end, in ms. */
const QUIET_MS = 20_000;
/** Rooms played a test. */
const RUNS = drawn(8, 100);
/** What a relay whose upload shrank may take until its ledger holds again, in ms. */
const RECLAIM_MS = 2500;
const PEERS = ['A', 'B', 'C'] as const;
const HEADROOM = 0.95;

const peer = fc.constantFrom(...PEERS);
/** What they come with: A and C can send one copy each, and B carries the rest. */
const UPLOADS: Readonly<Record<PeerId, number>> = { A: 1, B: 4, C: 1 };
/** In copies of a source, and some to spare. Even the poorest can send one copy. */
const upload = fc.integer({ min: 1, max: 4 });
const step = fc.record({
  act: fc.oneof(
    fc.record({ do: fc.constant('join' as const), peer, upload }),
    fc.record({ do: fc.constant('leave' as const), peer }),
    fc.record({ do: fc.constant('crash' as const), peer }),
    fc.record({ do: fc.constant('upload' as const), peer, upload }),
    fc.record({ do: fc.constant('lose' as const), share: fc.constantFrom(0, 0.3, 1) }),
    fc.record({ do: fc.constant('bus' as const), peer, up: fc.boolean() }),
  ),
  thenMs: fc.constantFrom(0, 10, 30, 100, 400, 1000, 3000, 7000),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function uploadOf(copies: number) {
  const usableBps = (copies + 0.1) * RATE_BPS;
  return { uploadBps: usableBps / HEADROOM, usableBps, lendBps: usableBps };
}

class Play {
  readonly room: Room;
  readonly #random: Random;
  readonly #uploads = new Map<PeerId, number>();
  #epoch = 0;
  #loss = 0;
  #overdrawnSince = new Map<PeerId, number>();
  readonly #away = new Set<PeerId>();

  constructor(seed: number, slowestMs: number) {
    this.#random = new Random(seed);
    this.room = new Room({
      delayMs: (_, from, to) => {
        const isLost = this.#away.has(from) || this.#away.has(to) || this.#random.chance(this.#loss);
        return isLost ? undefined : this.#random.between(0, slowestMs);
      },
    });
  }

  take({ act, thenMs }: Step): void {
    if (act.do === 'join' && !this.room.isIn(act.peer)) this.#join(act.peer, act.upload);
    if (act.do === 'leave') this.room.send(act.peer, { type: 'peer.leave' });
    if (act.do === 'crash') this.room.crash(act.peer);
    if (act.do === 'upload' && this.room.isIn(act.peer)) {
      this.#uploads.set(act.peer, act.upload);
      this.room.send(act.peer, { type: 'profile.changed', change: uploadOf(act.upload) });
    }
    if (act.do === 'lose') this.#loss = act.share;
    if (act.do === 'bus') this.#connect(act.peer, act.up);
    for (let passed = 0; passed < thenMs; passed += 50) this.#pass(Math.min(50, thenMs - passed));
  }

  /** All connected, nothing lost, everybody in: then time passes. */
  settle(): void {
    this.#loss = 0;
    for (const id of PEERS) {
      if (this.room.isIn(id)) this.#connect(id, true);
      else this.#join(id);
    }
    for (let passed = 0; passed < QUIET_MS; passed += 50) this.#pass(50);
    const left = PEERS.filter((id) => !this.room.isIn(id));
    if (left.length === 0) return;
    // They were about to leave when all began to settle.
    for (const id of left) this.#join(id);
    for (let passed = 0; passed < QUIET_MS; passed += 50) this.#pass(50);
  }

  /** Does the room's upload suffice for everybody to send to everybody? */
  isFeasible(): boolean {
    const copies = [...this.#uploads.values()].reduce((sum, upload) => sum + upload, 0);
    return copies >= PEERS.length * (PEERS.length - 1);
  }

  #connect(id: PeerId, up: boolean): void {
    if (!this.room.isIn(id)) return;
    if (up) this.#away.delete(id);
    else this.#away.add(id);
    this.room.connect(id, up);
  }

  #join(id: PeerId, copies = UPLOADS[id] ?? 1): void {
    this.#epoch += 1;
    this.#away.delete(id);
    this.#uploads.set(id, copies);
    this.room.join(member(id, { epoch: this.#epoch, ...uploadOf(copies) }));
  }

  #pass(ms: number): void {
    this.room.run(ms);
    const [error] = this.room.errors;
    if (error !== undefined) throw error;
    const now = this.room.clock.now();
    for (const id of PEERS) {
      if (!this.room.isIn(id) || this.room.overdraftOf(id) <= 1) this.#overdrawnSince.delete(id);
      else if (!this.#overdrawnSince.has(id)) this.#overdrawnSince.set(id, now);
      const sinceMs = this.#overdrawnSince.get(id) ?? now;
      if (now - sinceMs > RECLAIM_MS) throw new Error(`${id} has been overdrawn since ${sinceMs} ms`);
    }
  }
}

/** Without what it says of how it runs: of itself nobody keeps that in its view. */
function atRest({ profile: _number, routes: _routes, agreements: _held, promisedBps: _promised, ...rest }: Member) {
  return rest;
}

/** What each says of itself, as everybody else sees it. */
function disagreements(room: Room): string[] {
  return PEERS.flatMap((seer) => {
    const view = room.viewOf(seer);
    if (view.members.size !== PEERS.length) return [`${seer} sees ${[...view.members.keys()]}`];
    return PEERS.flatMap((seen) => {
      const self = atRest(room.viewOf(seen).members.get(seen) ?? member(seen));
      const told = atRest(view.members.get(seen) ?? member(seen));
      return sameData(self, told) ? [] : [`${seer} has another idea of ${seen} than ${seen}`];
    });
  });
}

/** Agreements that only one of their two sides knows. */
function oneSided(room: Room): string[] {
  const asClient = PEERS.flatMap((id) =>
    [...room.negotiationOf(id).asked].map(([relay, { id: name }]) => `${name}@${relay}`),
  );
  const asRelay = PEERS.flatMap((id) =>
    [...room.negotiationOf(id).relaying.agreements.values()].map(({ id: name }) => `${name}@${id}`),
  );
  return [...asClient.filter((one) => !asRelay.includes(one)), ...asRelay.filter((one) => !asClient.includes(one))];
}

for (const [name, slowestMs] of [
  ['at once', 0],
  ['after up to 30 ms, in any order', 30],
  ['after up to 300 ms, in any order', 300],
] as const) {
  test(`whatever happens, with messages ${name}: one view, agreements known to both, everybody served`, (t) => {
    let relayed = 0;
    const property = fc.property(fc.array(step, { maxLength: 14 }), fc.nat(), (steps, seed) => {
      const play = new Play(seed, slowestMs);
      for (const id of PEERS) play.take({ act: { do: 'join', peer: id, upload: UPLOADS[id] ?? 1 }, thenMs: 30 });
      for (const one of steps) play.take(one);
      play.settle();
      const wrong = [
        ...disagreements(play.room),
        ...oneSided(play.room).map((agreement) => `${agreement} is known to one side only`),
        ...(play.isFeasible() ? play.room.unserved().map((pair) => `${pair} is not served`) : []),
      ];
      // Thrown rather than asserted, so that fast-check looks for the shortest way to it.
      if (wrong.length > 0) throw new Error(wrong.join('; '));
      relayed += PEERS.filter((id) => play.room.tableOf(id).relayed.length > 0).length;
    });
    t.notThrows(() => fc.assert(property, { seed: 1, numRuns: RUNS }));
    t.true(relayed > RUNS / 4, 'rooms in which nobody relays prove little');
  });
}
