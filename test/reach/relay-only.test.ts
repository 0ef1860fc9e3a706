/** With `--candidates relay` nobody but the TURN server gets a packet of ours, and nobody else's is taken: no member learns our address. */
import test from 'ava';
import type { CandidateChoice } from '../../actors/options/contract.ts';
import { turnClientFor } from '../../actors/reach/turn/turn-server.ts';
import { writeStun } from '../../infra/stun/write.ts';
import { ACCOUNT } from '../turn/scripted-server.ts';
import { Router } from './routers.ts';
import { TURN_SERVER, TurnRelay } from './turn-relay.ts';
import { type Seat, type WiredPeer, WiredRoom } from './wired-room.ts';

const OTHER_SERVER = { host: '192.0.2.2', port: 3478 };
const OPEN: Seat = { host: '198.51.100.1', router: null };
const HOME: Seat = { host: '192.168.1.2', router: new Router('203.0.113.1', 'open') };

function uses(peer: WiredPeer, server: typeof TURN_SERVER): void {
  const client = turnClientFor({ server, ...ACCOUNT }, [server], { host: '0.0.0.0', port: 5000 });
  if (client !== null) peer.reach.setTurn(client);
}

/** A hides, and B, which has a server of its own where it hides too. */
function room(policyOfB: CandidateChoice, seatOfB: Seat = OPEN, late = false) {
  const wired = new WiredRoom();
  wired.servers.push(new TurnRelay(wired), new TurnRelay(wired, OTHER_SERVER));
  // Tells those behind routers where they are: a server lets through to us only whose host it knows.
  wired.joins('C', { host: '198.51.100.9', router: null });
  const b = wired.joins('B', seatOfB, policyOfB);
  if (policyOfB === 'relay') uses(b, OTHER_SERVER);
  wired.run(1000);
  const a = wired.joins('A', HOME, 'relay');
  if (late) wired.run(3000);
  uses(a, TURN_SERVER);
  return { wired, a, b };
}

/** To whose hosts it has sent. */
function hostsOf(wired: WiredRoom, peer: WiredPeer): string[] {
  const texts = wired.sent.filter(({ by }) => by === peer.id).map(({ to }) => to);
  return [...new Set(texts.map((text) => text.replace(/:.*$/, '')))];
}

const OTHERS: readonly [name: string, policy: CandidateChoice, seat: Seat, late: boolean][] = [
  ['an open one', 'all', OPEN, false],
  ['one behind a router', 'all', { host: '192.168.2.2', router: new Router('203.0.113.2', 'restricted') }, false],
  [
    'one behind a symmetric router',
    'all',
    { host: '192.168.3.2', router: new Router('203.0.113.3', 'symmetric') },
    false,
  ],
  ['one that hides too', 'relay', { host: '192.168.4.2', router: new Router('203.0.113.4', 'restricted') }, false],
  ['an open one, when the server becomes known late', 'all', OPEN, true],
];
for (const [name, policy, seat, late] of OTHERS) {
  test(`${name} and we reach each other through our server, and it gets no packet from our address`, (t) => {
    const { wired, a, b } = room(policy, seat, late);
    wired.run(5000);
    t.deepEqual([a.stateOf(b), b.stateOf(a)], ['open relayed', 'open relayed']);
    t.regex(a.sendsTo(b) ?? '', /^192\.0\.2\.1:3478#\d+$/);
    t.true(a.reach.waysOf('B').accept.every(({ channel }) => channel !== undefined));
    wired.run(60_000);
    t.deepEqual(hostsOf(wired, a), [TURN_SERVER.host]);
    if (policy === 'relay') t.deepEqual(hostsOf(wired, b), [OTHER_SERVER.host]);
  });
}

test('what is told of us is our address at the server alone: not how the internet sees us, nor by what router', (t) => {
  const { wired, a } = room('all');
  wired.run(5000);
  t.deepEqual(a.reach.own, {
    candidates: [{ kind: 'relayed', host: TURN_SERVER.host, port: 50_000, isPrivate: false }],
    ...{ outside: null, nat: 'unknown', outsideIs: 'hidden' },
  });
});

test('no server but that one is asked, and no stranger is answered, not even as STUN servers answer', (t) => {
  const { wired, a } = room('all');
  a.reach.setServers([{ host: '192.0.2.7', port: 3478 }]);
  wired.run(5000);
  const before = wired.sent.length;
  const request = writeStun({ class: 'request', method: 'binding', transactionId: '0'.repeat(24) });
  a.reach.takeStun(request, { host: '203.0.113.66', port: 666 });
  t.is(wired.sent.length, before);
  t.deepEqual(hostsOf(wired, a), [TURN_SERVER.host]);
});

test('a check of a member that comes directly is neither answered nor remembered', (t) => {
  const { wired, a, b } = room('all');
  const send = wired.send.bind(wired);
  let caught = new Uint8Array();
  wired.send = (by, bytes, to) => {
    if (by === b) caught = Uint8Array.from(bytes);
    else send(by, bytes, to);
  };
  wired.run(5000);
  t.true(caught.length > 0);
  const before = wired.sent.length;
  a.reach.takeStun(caught, { ...OPEN, port: 5000 });
  wired.run(0);
  t.is(wired.sent.length, before);
  t.deepEqual(a.reach.waysOf('B'), { send: null, accept: [] });
});

test('a plain endpoint, which has no channel, is neither sent to nor listened to, and the room is told so', (t) => {
  const { wired, a } = room('all');
  const claim = { host: '192.168.1.9', port: 4000 };
  const plain = { peer: 'P', epoch: 9, key: null, nat: 'unknown', outside: null, claim, isShared: false } as const;
  for (let time = 0; time < 2; time += 1)
    a.reach.follow([{ ...plain, streams: [], compatible: false, isSealed: false, rtcp: 'muxed', plain: 'local' }]);
  wired.run(10);
  t.deepEqual(a.reach.waysOf('P'), { send: null, accept: [] });
  t.deepEqual(
    a.news.filter((news) => news.includes('P')),
    ['cut P unanswered'],
  );
});
