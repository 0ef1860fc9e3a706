import test from 'ava';
import { CHECKS_AT_ONCE, CHECKS_PER_SECOND, Reporters } from '../../infra/path/decision/reporters.ts';
import { UNKNOWN_ADDRESS } from '../../infra/path/table/addresses.ts';

/** How many of `count` STUN messages are taken. */
function taken(reporters: Reporters, address: number, count: number, nowMs: number): number {
  return Array.from({ length: count }, () => reporters.takesCheck(address, nowMs)).filter(Boolean).length;
}

test('of strangers so many checks are taken at once, and then so many a second', (t) => {
  const reporters = new Reporters();
  t.is(taken(reporters, UNKNOWN_ADDRESS, 500, 5000), CHECKS_AT_ONCE);
  t.is(taken(reporters, UNKNOWN_ADDRESS, 500, 5100), CHECKS_PER_SECOND / 10);
  t.is(taken(reporters, UNKNOWN_ADDRESS, 500, 60_000), CHECKS_AT_ONCE);
  t.is(taken(reporters, UNKNOWN_ADDRESS, 500, 59_000), 0, 'a clock that goes back gives nothing');
});

test('each known address has its own, whatever strangers and others send', (t) => {
  const reporters = new Reporters();
  reporters.replace([3, 4], true);
  t.is(taken(reporters, UNKNOWN_ADDRESS, 500, 0), CHECKS_AT_ONCE);
  t.is(taken(reporters, 3, 500, 0), CHECKS_AT_ONCE);
  t.is(taken(reporters, 4, 1, 0), 1);
  t.is(taken(reporters, 5, 1, 0), 0, 'the table does not name it');
});

test('another table leaves what an address has used, unless ids begin anew', (t) => {
  const reporters = new Reporters();
  reporters.replace([3], true);
  t.is(taken(reporters, 3, 500, 0), CHECKS_AT_ONCE);
  reporters.replace([3, 4], false);
  t.deepEqual(reporters.ids, [3, 4]);
  t.is(taken(reporters, 3, 500, 0), 0);
  reporters.replace([3], true);
  t.is(taken(reporters, 3, 500, 0), CHECKS_AT_ONCE);
  reporters.replace([], false);
  t.false(reporters.has(3));
});
