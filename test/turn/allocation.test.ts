/** An address at a TURN server: asked for, kept, had anew when it is lost, and given back. */
import test from 'ava';
import { DELAY_MS, OURS, Rehearsal, SERVER } from './rehearsal.ts';
import { MISMATCH, refused, ScriptedServer } from './scripted-server.ts';

const RELAYED = { host: '192.0.2.1', port: 50_000 };
const RELAYED_6 = { host: '2001:db8::1', port: 50_000 };
const SERVER_6 = { host: '2001:db8::1', port: 3478 };
const ELSEWHERE = { host: '192.0.2.77', port: 3478 };
/** Longer than any request is tried. */
const LONG_MS = 4000;

test('an address is there after two round trips: the server tells how it wants to be asked, and is asked so', (t) => {
  const turn = new Rehearsal().open().run(4 * DELAY_MS);
  t.deepEqual(turn.client.state, { kind: 'allocated', relayed: [RELAYED], mapped: OURS });
  t.deepEqual(
    turn.server.seen.map(({ method, username, requestedTransport, lifetimeS }) => [
      method,
      username,
      requestedTransport,
      lifetimeS,
    ]),
    [
      ['allocate', undefined, 17, 600],
      ['allocate', 'anna', 17, 600],
    ],
  );
});

test('opening twice asks once', (t) => {
  const turn = new Rehearsal().open().open().run(1000).open().run(1000);
  t.is(turn.sent.length, 2);
});

test('a server with both families gives an address of each', (t) => {
  const turn = new Rehearsal({ servers: [new ScriptedServer(SERVER, [RELAYED, RELAYED_6])] }).open().run(LONG_MS);
  t.like(turn.client.state, { relayed: [RELAYED, RELAYED_6] });
  t.like(turn.server.seen[1], { additionalFamily: 'ipv6', draftAdditionalFamily: 'ipv6' });
});

test('a server without IPv4 behind it is asked for IPv6 alone', (t) => {
  const turn = new Rehearsal({ servers: [new ScriptedServer(SERVER_6, [RELAYED_6])] });
  turn.server.script.push(refused(440));
  turn.open().run(LONG_MS);
  t.like(turn.client.state, { kind: 'allocated', relayed: [RELAYED_6] });
  t.is(turn.server.seen[2]?.requestedFamily, 'ipv6');
  t.is(turn.server.seen[2]?.additionalFamily, undefined);
});

test('it is refreshed each 25 s, so that no router forgets the way', (t) => {
  const turn = new Rehearsal().open().run(120_000);
  const times = turn.sent.slice(2).map(({ atMs }) => Math.round(atMs / 1000));
  t.deepEqual(times, [25, 50, 75, 100]);
  t.deepEqual(turn.server.asked.slice(1), ['refresh', 'refresh', 'refresh', 'refresh']);
});

test('a server that gives less time is asked at half of it', (t) => {
  const turn = new Rehearsal();
  turn.server.lifetimeS = 10;
  turn.open().run(21_000);
  t.deepEqual(
    turn.sent.slice(2).map(({ atMs }) => Math.round(atMs / 1000)),
    [5, 10, 15, 20],
  );
});

test('a nonce that has become stale costs a round trip and nothing else', (t) => {
  const turn = new Rehearsal().open().run(1000);
  turn.server.nonce = 'nonce-2';
  turn.run(60_000);
  t.is(turn.client.state.kind, 'allocated');
  t.deepEqual(
    turn.server.seen.slice(2).map(({ method, nonce }) => [method, nonce]),
    [
      ['refresh', 'nonce-1'],
      ['refresh', 'nonce-2'],
      ['refresh', 'nonce-2'],
    ],
  );
});

test('what a process before us left at our address is given back first', (t) => {
  const turn = new Rehearsal();
  turn.server.hasAllocation = true;
  turn.open().run(LONG_MS);
  t.is(turn.client.state.kind, 'allocated');
  t.deepEqual(turn.server.asked, ['allocate', 'refresh 0', 'allocate']);
});

test('what cannot be given back is not asked for in a loop', (t) => {
  const turn = new Rehearsal();
  turn.server.script.push(MISMATCH, refused(441), MISMATCH);
  turn.open().run(LONG_MS);
  t.like(turn.client.state, { kind: 'failed', failure: { code: 'turn.mismatch' } });
  t.deepEqual(turn.server.asked, ['allocate', 'refresh 0', 'allocate']);
  turn.run(2000);
  t.is(turn.client.state.kind, 'allocated');
});

test('a server that has forgotten us gives another address', (t) => {
  const turn = new Rehearsal().open().run(1000);
  turn.server.hasAllocation = false;
  turn.run(25_000);
  t.is(turn.client.state.kind, 'allocated');
  t.deepEqual(turn.server.asked, ['allocate', 'refresh', 'allocate']);
});

test('in doubt it is refreshed at once', (t) => {
  const turn = new Rehearsal().open().run(1000);
  turn.server.hasAllocation = false;
  turn.do((client, nowMs) => client.doubt(nowMs));
  turn.run(6 * DELAY_MS);
  t.is(turn.client.state.kind, 'allocated');
  t.deepEqual(turn.server.asked.slice(1), ['refresh', 'allocate']);
});

test('where one address of the server is silent the next is asked', (t) => {
  const servers = [new ScriptedServer(SERVER), new ScriptedServer(SERVER_6, [RELAYED])] as const;
  servers[0].isSilent = true;
  const turn = new Rehearsal({ servers }).open().run(LONG_MS);
  t.like(turn.client.state, { kind: 'allocated', relayed: [RELAYED] });
  t.deepEqual(servers[1].asked, ['allocate']);
});

test('a server may send us to another one', (t) => {
  const other = new ScriptedServer(ELSEWHERE);
  const turn = new Rehearsal({}, other);
  turn.server.script.push({ ...refused(300), alternateServer: ELSEWHERE });
  turn.open().run(LONG_MS);
  t.like(turn.client.state, { kind: 'allocated', relayed: other.relayed });
  t.is(turn.server.asked.length, 1);
});

test('but not to a third one, and not to another family', (t) => {
  const other = new ScriptedServer(ELSEWHERE);
  const turn = new Rehearsal({}, other);
  turn.server.script.push({ ...refused(300), alternateServer: ELSEWHERE });
  other.script.push({ ...refused(300), alternateServer: SERVER });
  turn.open().run(LONG_MS);
  t.like(turn.client.state, { kind: 'failed', failure: { code: 'turn.refused' } });
  const stubborn = new Rehearsal();
  stubborn.server.script.push({ ...refused(300), alternateServer: SERVER_6 });
  stubborn.open().run(LONG_MS);
  t.is(stubborn.client.state.kind, 'failed');
  t.false(stubborn.sent.some(({ to }) => to.includes('2001')));
});

test('closing gives the address back, and it may be had again', (t) => {
  const turn = new Rehearsal().open().run(1000);
  turn.do((client, nowMs) => client.close(nowMs));
  t.is(turn.client.state.kind, 'closing');
  turn.run(2 * DELAY_MS);
  t.is(turn.client.state.kind, 'closed');
  t.false(turn.server.hasAllocation);
  const { length } = turn.sent;
  turn.run(120_000);
  t.is(turn.sent.length, length);
  t.is(turn.open().run(1000).client.state.kind, 'allocated');
});

test('closing while it is asked for leaves nothing at the server', (t) => {
  const turn = new Rehearsal().open().run(3 * DELAY_MS);
  turn.do((client, nowMs) => client.close(nowMs));
  turn.run(1000);
  t.is(turn.client.state.kind, 'closed');
  t.deepEqual(turn.server.asked, ['allocate', 'refresh 0']);
  t.false(turn.server.hasAllocation);
});

test('a silent server does not keep us from closing', (t) => {
  const turn = new Rehearsal().open().run(1000);
  turn.server.isSilent = true;
  turn.do((client, nowMs) => client.close(nowMs));
  t.is(turn.run(3000).client.state.kind, 'closed');
});
