/** Each member's answers tell how it sees us: one that lies about it changes nothing, and an honest change is noticed all the same. */
import test from 'ava';
import { pairKey } from '../../infra/stun/pair-key.ts';
import { readStun } from '../../infra/stun/read.ts';
import { writeStun } from '../../infra/stun/write.ts';
import type { Endpoint } from '../../machines/messages.ts';
import { Router } from './routers.ts';
import { DELAY_MS, type WiredPeer, WiredRoom } from './wired-room.ts';

/** The home of A; a liar among three that are honest, if there is one. */
function room(lies: ((time: number) => Endpoint) | null) {
  const wired = new WiredRoom();
  const told: string[] = [];
  const honest = [1, 2, 3].map((number) => wired.joins(`H${number}`, { host: `198.51.100.${number}`, router: null }));
  const liar = wired.joins('M', { host: '198.51.100.66', router: null });
  wired.run(1000);
  const a = wired.joins('A', { host: '192.168.1.2', router: new Router('203.0.113.1', 'restricted') });
  if (lies !== null) lieTo(wired, liar, a, lies);
  const { changed } = wired;
  wired.changed = () => {
    const { outside = null, nat = 'unknown' } = a.reach.own ?? {};
    const reflexive = a.reach.own?.candidates.filter(({ kind }) => kind === 'reflexive').length ?? 0;
    told.push(`${outside} ${nat} ${reflexive}`);
    changed.call(wired);
  };
  return { wired, a, honest, liar, told };
}

/** Its answers to that member say what it likes, under the seal of the pair. */
function lieTo(wired: WiredRoom, liar: WiredPeer, victim: WiredPeer, lies: (time: number) => Endpoint): void {
  const send = wired.send.bind(wired);
  const info = `rpr pair ${[liar, victim]
    .map(({ id, epoch }) => `${id}:${epoch}`)
    .sort()
    .join(' ')}`;
  const key = pairKey(liar.keys, victim.keys.publicKey, { salt: 'main', info }) ?? new Uint8Array();
  let times = 0;
  wired.send = (by, bytes, to) => {
    const message = by === liar && to.host === '203.0.113.1' ? readStun(bytes) : undefined;
    if (message?.class !== 'success') return send(by, bytes, to);
    times += 1;
    const answer = { class: 'success', method: 'binding', transactionId: message.transactionId } as const;
    send(by, writeStun({ ...answer, mappedAddress: lies(times) }, { integrity: { hash: 'sha256', key } }), to);
  };
}

const LIES: readonly [name: string, lies: (time: number) => Endpoint][] = [
  ['another host', () => ({ host: '198.51.100.77', port: 40_001 })],
  ['another port', () => ({ host: '203.0.113.1', port: 66 })],
  ['another address at every answer', (time) => ({ host: `198.51.${time % 256}.77`, port: 40_000 + time })],
];
for (const [name, lies] of LIES) {
  test(`one that names ${name} changes nothing of what we believe and tell`, (t) => {
    const { wired, a, liar } = room(lies);
    wired.run(30_000);
    const { wired: truth, a: there } = room(null);
    truth.run(30_000);
    t.is(a.stateOf(liar), 'open host');
    t.deepEqual(a.reach.own, there.reach.own);
    t.like(a.reach.own, { nat: 'cone', outside: '203.0.113.1' });
  });
}

test('one that names another address at every answer has the others checked no more than twice as often', (t) => {
  const checks = (lies: ((time: number) => Endpoint) | null) => {
    const { wired, honest } = room(lies);
    wired.run(10_000);
    const before = wired.sent.length;
    wired.run(60_000);
    return wired.sent.slice(before).filter(({ by, to }) => by === 'A' && to === `${honest[0]?.seat.host}:5000`).length;
  };
  t.true(checks((time) => ({ host: '203.0.113.1', port: time })) <= 2 * checks(null) + 2);
});

test('a router with another address is noticed within a second of the first that says so, and nothing is believed in between', (t) => {
  const { wired, a, told } = room((time) => ({ host: `198.51.${time % 256}.77`, port: 40_000 + time }));
  wired.run(20_000);
  told.length = 0;
  a.seat = { ...a.seat, router: new Router('203.0.113.9', 'restricted') };
  const startMs = wired.clock.now();
  while (a.reach.own?.outside !== '203.0.113.9' && wired.clock.now() - startMs < 20_000) wired.run(10);
  const first = wired.sent.filter(({ by, atMs }) => by === 'A' && atMs >= startMs)[0]?.atMs ?? 0;
  t.true(wired.clock.now() - first <= 1000 + 2 * DELAY_MS, `${wired.clock.now() - first} ms`);
  wired.run(5000);
  t.is(told.at(-1), '203.0.113.9 cone 1');
  // Where two say the one, one the other and one what it likes, two addresses may be tried.
  t.deepEqual(
    told.filter((each) => !/^203\.0\.113\.[19] cone [12]$/.test(each)),
    [],
  );
});

test('who leaves bears witness no more', (t) => {
  const { wired, a, honest } = room(() => ({ host: '198.51.100.77', port: 1 }));
  wired.run(5000);
  wired.peers.splice(0, wired.peers.length, ...wired.peers.filter((peer) => !honest.includes(peer)));
  wired.changed();
  wired.run(100);
  t.is(a.reach.own?.outside, '198.51.100.77', 'the last word is of the one that is left');
});
