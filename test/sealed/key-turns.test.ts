/** When keys of media change and who is told, in virtual time. */
import test from 'ava';
import { KeyLack } from '../../machines/keys/key-lack.ts';
import { KeyTurns } from '../../machines/keys/key-turns.ts';
import { DELAYS } from '../../machines/timers.ts';

const CAMERA = 1;
const VOICE = 2;

function room(peers: readonly string[]): ReadonlyMap<string, number> {
  return new Map(peers.map((peer) => [peer, 1]));
}

/** A source whose camera goes to these, who have been told. */
function told(...peers: string[]): KeyTurns {
  const turns = new KeyTurns();
  turns.follow([{ ssrc: CAMERA, holders: peers }], room(peers), 0);
  turns.due(0);
  return turns;
}

/** Lets time pass, and gives when each message to all went out and when another epoch was in force. */
function run(turns: KeyTurns, fromMs: number, untilMs: number) {
  const changes: number[] = [];
  const inForce: number[] = [];
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += 10) {
    if (turns.dueMs > nowMs) continue;
    const before = turns.epoch;
    if (turns.due(nowMs).toAll) changes.push(nowMs);
    if (turns.epoch !== before) inForce.push(nowMs);
  }
  return { changes, inForce };
}

test('each that is to have a key is told by itself, once', (t) => {
  const turns = new KeyTurns();
  t.is(turns.dueMs, Number.POSITIVE_INFINITY);
  turns.follow([{ ssrc: CAMERA, holders: ['B', 'C'] }], room(['B', 'C', 'D']), 0);
  t.deepEqual(turns.due(0), { alone: ['B', 'C'], toAll: false });
  turns.follow([{ ssrc: CAMERA, holders: ['B', 'C', 'D'] }], room(['B', 'C', 'D']), 10);
  t.deepEqual(turns.due(10), { alone: ['D'], toAll: false });
  t.deepEqual(turns.due(20), { alone: [], toAll: false });
  t.is(turns.dueMs, Number.POSITIVE_INFINITY);
  t.is(turns.epoch, 0);
});

test('within a second after one that held a key has gone, by one message, another key is in force; it is told before it is used', (t) => {
  const turns = told('B', 'C');
  turns.follow([{ ssrc: CAMERA, holders: ['B'] }], room(['B']), 1000);
  const { changes, inForce } = run(turns, 1000, 3000);
  t.deepEqual(changes, [1000 + DELAYS.keyChange]);
  t.deepEqual(inForce, [1000 + DELAYS.keyChange + DELAYS.keyAhead]);
  t.true((inForce[0] ?? Number.POSITIVE_INFINITY) - 1000 < 1000);
  t.is(turns.epoch, 1);
});

test('one that has started anew has gone; one that never had a key changes nothing, nor does one that wants the stream no more', (t) => {
  const again = told('B', 'C');
  again.follow([{ ssrc: CAMERA, holders: ['B', 'C'] }], new Map([...room(['B']), ['C', 2]]), 1000);
  t.deepEqual(again.due(1000).alone, ['C']);
  t.is(run(again, 1000, 3000).changes.length, 1);
  const others = told('B');
  others.follow([{ ssrc: CAMERA, holders: ['B'] }], room(['B', 'X']), 100);
  others.follow([{ ssrc: CAMERA, holders: ['B'] }], room(['B']), 200);
  others.follow([{ ssrc: CAMERA, holders: [] }], room(['B']), 300);
  t.deepEqual(run(others, 300, 3000), { changes: [], inForce: [] });
});

test('one that has wanted a stream and gone before the keys changed has held its key', (t) => {
  const turns = told('B', 'C');
  turns.follow([{ ssrc: CAMERA, holders: ['B'] }], room(['B', 'C']), 100);
  turns.asked('C', 150);
  turns.follow([{ ssrc: CAMERA, holders: ['B'] }], room(['B']), 200);
  t.is(run(turns, 200, 3000).changes.length, 1);
});

test('many that go one after the other: no key is used for longer than a second after its holder has gone', (t) => {
  const peers = Array.from({ length: 30 }, (_, index) => `P${index}`);
  const turns = told('stays', ...peers);
  const gone: number[] = [];
  const inForce: number[] = [];
  let left = [...peers];
  for (let nowMs = 0; nowMs <= 5000; nowMs += 10) {
    if (nowMs % 130 === 0 && left.length > 0) {
      left = left.slice(1);
      gone.push(nowMs);
      const there = ['stays', ...left];
      turns.follow([{ ssrc: CAMERA, holders: there }], room(there), nowMs);
    }
    // A change that was told after it has gone is in force.
    const { changes, inForce: anew } = run(turns, nowMs, nowMs);
    for (const _ of changes) gone.push(Number.NaN);
    for (const atMs of anew) {
      inForce.push(atMs);
      const until = gone.findIndex(Number.isNaN);
      const served = gone.splice(0, until + 1).filter((goneMs) => !Number.isNaN(goneMs));
      for (const goneMs of served) t.true(atMs - goneMs < 1000, `gone at ${goneMs}, changed at ${atMs}`);
    }
  }
  t.deepEqual(gone, []);
  t.true(inForce.length > 5);
});

test('a stream whose numbers begin anew has another epoch at once, which all are told', (t) => {
  const turns = told('B', 'C');
  turns.beginAnew(500);
  t.is(turns.epoch, 1);
  t.deepEqual(turns.due(500), { alone: [], toAll: true });
  t.deepEqual(turns.holders, ['B', 'C']);
});

test('who asks is told again, and not for ever', (t) => {
  const turns = told('B', 'C');
  const answered = Array.from({ length: 10 }, () => {
    turns.asked('B', 100);
    return turns.due(100).alone;
  });
  t.is(answered.filter(([peer]) => peer === 'B').length, 4);
  turns.asked('stranger', 100);
  t.deepEqual(turns.due(100).alone, []);
});

test('each is told the keys of those streams that it is to have', (t) => {
  const turns = new KeyTurns();
  const streams = [
    { ssrc: CAMERA, holders: ['B'] },
    { ssrc: VOICE, holders: ['B', 'C'] },
  ];
  turns.follow(streams, room(['B', 'C']), 0);
  t.deepEqual([...turns.due(0).alone].sort(), ['B', 'C']);
  t.deepEqual(turns.streamsOf('B'), [CAMERA, VOICE]);
  t.deepEqual(turns.streamsOf('C'), [VOICE]);
});

test('a key that does not come is asked for after a moment, and then once a second', (t) => {
  const lack = new KeyLack();
  const asked = Array.from({ length: 300 }, (_, step) => step * 10).filter((nowMs) => lack.lacking('B', nowMs));
  t.deepEqual(asked, [100, 1100, 2100]);
  lack.told('B', 3000);
  t.false(lack.lacking('B', 3050));
});

test('where nothing more comes of a member its key is asked for all the same, once', (t) => {
  const lack = new KeyLack();
  t.is(lack.dueMs, Number.POSITIVE_INFINITY);
  t.false(lack.lacking('B', 0));
  t.is(lack.dueMs, DELAYS.keyPatience);
  t.deepEqual(lack.due(DELAYS.keyPatience - 1), []);
  t.deepEqual(lack.due(DELAYS.keyPatience), ['B']);
  t.is(lack.dueMs, Number.POSITIVE_INFINITY);
  t.false(lack.lacking('C', 500));
  lack.told('C', 550);
  t.deepEqual(lack.due(10_000), [], 'it has come');
});
