/** Who may send to us through a TURN server, and by which channel. */
import test from 'ava';
import type { Endpoint } from '../../infra/path/contract.ts';
import { ChannelNumbers, MOST_CHANNELS } from '../../infra/turn/channel-numbers.ts';
import { DELAY_MS, Rehearsal, SERVER } from './rehearsal.ts';
import { refused } from './scripted-server.ts';

const B: Endpoint = { host: '203.0.113.2', port: 5000 };
const C: Endpoint = { host: '203.0.113.3', port: 6000 };
const HOURS_MS = 3_600_000;

const bind = (turn: Rehearsal, peer: Endpoint) => turn.do((client, nowMs) => client.bind(peer, nowMs));
const permit = (turn: Rehearsal, host: string) => turn.do((client, nowMs) => client.permit(host, nowMs));
/** What has been asked for beside the allocation. */
const leasesOf = (turn: Rehearsal) => turn.server.asked.filter((asked) => !/^(allocate|refresh)/.test(asked));

test('a channel leads to a peer from when the server has said so', (t) => {
  const turn = new Rehearsal().open().run(1000);
  bind(turn, B);
  t.is(turn.client.wayTo(B), undefined);
  t.deepEqual(turn.client.peers.get('203.0.113.2:5000'), { kind: 'asking' });
  turn.run(2 * DELAY_MS);
  t.deepEqual(turn.client.wayTo(B), { ...SERVER, channel: 0x4000 });
  t.deepEqual(turn.client.peers.get('203.0.113.2:5000'), { kind: 'granted' });
  t.is(turn.client.wayTo(C), undefined);
});

test('what comes through a channel is of its peer, if the server has sent it', (t) => {
  const turn = new Rehearsal().open().run(1000);
  bind(turn, B);
  t.deepEqual(turn.client.peerBehind({ ...SERVER, channel: 0x4000 }), B);
  t.is(turn.client.peerBehind({ ...SERVER, channel: 0x4001 }), undefined);
  t.is(turn.client.peerBehind({ ...C, channel: 0x4000 }), undefined);
});

test('what is wanted before there is an address is asked for when there is one', (t) => {
  const turn = new Rehearsal();
  permit(turn, B.host);
  bind(turn, C);
  t.is(turn.sent.length, 0);
  turn.open().run(1000);
  t.deepEqual(leasesOf(turn), ['create-permission 203.0.113.2:1', 'channel-bind 203.0.113.3:6000 #4000']);
});

test('all is asked for again a minute before the server would forget it, until it is released', (t) => {
  const turn = new Rehearsal().open().run(1000);
  permit(turn, B.host);
  bind(turn, C);
  bind(turn, C);
  turn.run(500_000);
  const once = ['create-permission 203.0.113.2:1', 'channel-bind 203.0.113.3:6000 #4000'];
  t.deepEqual(leasesOf(turn), [...once, ...once, ...once]);
  turn.client.release(B.host, turn.nowMs);
  turn.client.release(C, turn.nowMs);
  t.is(turn.client.wayTo(C), undefined);
  turn.run(HOURS_MS / 2);
  t.is(leasesOf(turn).length, 6);
});

test('under a new address everything is asked for anew, and nothing is sent before', (t) => {
  const turn = new Rehearsal().open().run(1000);
  bind(turn, B);
  turn.run(1000);
  turn.server.hasAllocation = false;
  turn.do((client, nowMs) => client.doubt(nowMs));
  turn.run(3 * DELAY_MS);
  t.is(turn.client.wayTo(B), undefined);
  turn.run(1000);
  t.deepEqual(turn.client.wayTo(B), { ...SERVER, channel: 0x4000 });
  t.is(leasesOf(turn).length, 2);
});

test('a server that has forgotten the address says so to any request', (t) => {
  const turn = new Rehearsal().open().run(1000);
  turn.server.hasAllocation = false;
  bind(turn, B);
  turn.run(8 * DELAY_MS);
  t.deepEqual(turn.server.asked.slice(1), [
    ...['channel-bind 203.0.113.2:5000 #4000', 'allocate', 'channel-bind 203.0.113.2:5000 #4000'],
  ]);
  t.truthy(turn.client.wayTo(B));
});

test('a peer that the server forbids is told, troubles no other one, and is tried again after a minute', (t) => {
  const turn = new Rehearsal().open().run(1000);
  turn.server.script.push(refused(403, 'Forbidden IP'));
  bind(turn, B);
  bind(turn, C);
  turn.run(1000);
  t.like(turn.client.peers.get('203.0.113.2:5000'), { kind: 'failed', failure: { code: 'turn.forbidden' } });
  t.is(turn.client.wayTo(B), undefined);
  t.truthy(turn.client.wayTo(C));
  turn.run(60_000);
  t.truthy(turn.client.wayTo(B));
});

test('a server that goes silent is found out by whoever asks it for something', (t) => {
  const turn = new Rehearsal().open().run(1000);
  turn.server.isSilent = true;
  bind(turn, B);
  turn.run(9000);
  t.like(turn.client.state, { kind: 'failed', failure: { code: 'turn.silent' } });
  t.is(turn.client.wayTo(B), undefined);
});

test('who comes back has its number again; who is new has another one, for 15 minutes', (t) => {
  const turn = new Rehearsal().open().run(1000);
  bind(turn, B);
  turn.client.release(B, turn.nowMs);
  bind(turn, C);
  bind(turn, B);
  turn.run(1000);
  t.is(turn.client.wayTo(B)?.channel, 0x4000);
  t.is(turn.client.wayTo(C)?.channel, 0x4001);
});

test('there are 4096 numbers, and a released one is free when the server has forgotten it', (t) => {
  const numbers = new ChannelNumbers();
  const peer = (port: number) => ({ host: B.host, port });
  for (let port = 1; port <= MOST_CHANNELS; port += 1) t.is(numbers.take(peer(port), 0), 0x3fff + port);
  numbers.release(peer(7), 0);
  t.is(numbers.take(C, 899_999), undefined);
  t.deepEqual(numbers.peerOf(0x4006), peer(7));
  t.is(numbers.take(C, 900_000), 0x4006);
  t.deepEqual(numbers.peerOf(0x4006), C);
  t.is(numbers.take(peer(7), 900_000), undefined);
});

test('more than that many are not asked for', (t) => {
  const turn = new Rehearsal();
  for (let index = 0; index < 5000; index += 1) permit(turn, `10.1.${index >> 8}.${index & 0xff}`);
  t.is(turn.client.peers.size, 4096);
});
