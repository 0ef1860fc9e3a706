/** Where routers refuse each other a TURN server carries the pair, through a channel, for both though one of them has it. */
import test from 'ava';
import { turnClientFor } from '../../actors/reach/turn/turn-server.ts';
import { ACCOUNT } from '../turn/scripted-server.ts';
import { Router } from './routers.ts';
import { TURN_SERVER, TurnRelay } from './turn-relay.ts';
import { DELAY_MS, type WiredPeer, WiredRoom } from './wired-room.ts';

const seatBehind = (number: number) => ({
  ...{ host: `192.168.${number}.2`, router: new Router(`203.0.113.${number}`, 'symmetric') },
});

function usesTurn(peer: WiredPeer): void {
  const bound = { host: '0.0.0.0', port: 5000 };
  const client = turnClientFor({ server: TURN_SERVER, ...ACCOUNT }, [TURN_SERVER], bound);
  if (client !== null) peer.reach.setTurn(client);
}

/** Two behind symmetric routers, an open third that tells them so, and a TURN server that A has an account with. */
function room() {
  const wired = new WiredRoom();
  const turn = new TurnRelay(wired);
  wired.servers.push(turn);
  wired.joins('C', { host: '198.51.100.1', router: null });
  wired.joins('D', { host: '198.51.100.2', router: null });
  wired.run(1000);
  const [a, b] = [wired.joins('A', seatBehind(1)), wired.joins('B', seatBehind(2))];
  return { wired, turn, a, b };
}

test('a symmetric peer without TURN reaches one that has it, and is reached, through a channel', (t) => {
  const { wired, turn, a, b } = room();
  usesTurn(a);
  wired.run(5000);
  t.deepEqual([a.stateOf(b), b.stateOf(a)], ['open relayed', 'open relayed']);
  t.is(b.sendsTo(a), '192.0.2.1:50000');
  t.regex(a.sendsTo(b) ?? '', /^192\.0\.2\.1:3478#\d+$/);
  t.true(turn.passed.data >= 1 && turn.passed.channel >= 1 && turn.passed.out >= 1, 'the first comes as data');
  t.is(a.news.at(-1), 'opened B');
});

test('without it they are cut', (t) => {
  const { wired, a, b } = room();
  wired.run(5000);
  t.deepEqual([a.stateOf(b), b.stateOf(a)], ['cut', 'cut']);
});

test('only hosts of members are let through, and a channel only to who has proved to be one', (t) => {
  const { wired, turn, a, b } = room();
  usesTurn(a);
  wired.run(5000);
  const peers = turn.scripted.seen.flatMap(({ peerAddress }) => (peerAddress === undefined ? [] : [peerAddress.host]));
  t.deepEqual([...new Set(peers)].sort(), ['198.51.100.1', '198.51.100.2', b.seat.router?.host]);
  const channels = turn.scripted.seen.filter(
    ({ channel, username }) => channel !== undefined && username !== undefined,
  );
  t.true(channels.every(({ peerAddress }) => peerAddress !== undefined && peerAddress.host !== '203.0.113.66'));
  const before = turn.passed.channel + turn.passed.data;
  turn.take(Uint8Array.of(1, 2, 3), { host: '203.0.113.66', port: 1 }, { host: TURN_SERVER.host, port: 50_000 });
  t.is(turn.passed.channel + turn.passed.data, before);
  const asked = turn.scripted.seen.length;
  turn.take(Uint8Array.of(1, 2, 3), { host: '203.0.113.2', port: 1 }, { host: TURN_SERVER.host, port: 50_000 });
  wired.run(1000);
  t.deepEqual(
    turn.scripted.seen.slice(asked).filter(({ channel }) => channel !== undefined),
    [],
  );
});

test('a direct way is used where there is one, and TURN costs nothing then', (t) => {
  const { wired, turn, a } = room();
  usesTurn(a);
  const [c] = wired.peers;
  wired.run(60_000);
  t.is(c && a.sendsTo(c), '198.51.100.1:5000');
  t.true(turn.passed.out < 60, 'consent of one pair, and no other');
});

test('what was lent is given back at the end', (t) => {
  const { wired, turn, a } = room();
  usesTurn(a);
  wired.run(5000);
  t.true(turn.scripted.hasAllocation);
  a.reach.giveBack();
  a.reach.stop();
  wired.run(100);
  t.false(turn.scripted.hasAllocation);
});

test('TURN that comes late mends a pair that is cut', (t) => {
  const { wired, a, b } = room();
  wired.run(10_000);
  t.is(a.stateOf(b), 'cut');
  usesTurn(a);
  wired.run(1500);
  t.deepEqual([a.stateOf(b), b.stateOf(a)], ['open relayed', 'open relayed']);
});

test('the first check is answered before there is a channel: nobody waits for a second one', (t) => {
  const { wired, a, b } = room();
  usesTurn(a);
  // Allocation, permission, the checks of both ends: eight; a second check would come 500 ms after the first.
  wired.run(9 * 2 * DELAY_MS);
  t.deepEqual([a.stateOf(b), b.stateOf(a)], ['open relayed', 'open relayed']);
});
