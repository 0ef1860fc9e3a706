import test from 'ava';
import { isGoodEnough, reportText } from './report.ts';
import type { Verdict } from './trying/trial.ts';

function verdict(seenBy: string | null, operator = 'other number', file = 'machines/a/x.ts'): Verdict {
  const fault = { file, line: 7, operator, what: '1 -> 0', why: null, start: 0, end: 1, replacement: '0' };
  return { fault, seenBy, tests: 3 };
}

const killed = (count: number) => Array.from({ length: count }, () => verdict('some test'));

test('one survivor in ten is good enough, more is not', (t) => {
  t.true(isGoodEnough([...killed(9), verdict(null)]));
  t.false(isGoodEnough([...killed(8), verdict(null)]));
  t.true(isGoodEnough([]));
});

test('a guard must not survive', (t) => {
  t.false(isGoodEnough([...killed(99), verdict(null, 'guard')]));
  t.true(isGoodEnough([...killed(99), verdict('some test', 'guard')]));
});

test('the report names survivors only, counts by folder, and ends with the totals', (t) => {
  const text = reportText([...killed(2), verdict(null, 'swapped boolean', 'actors/y.ts'), verdict('a hang')]);
  t.regex(text, /actors\/y\.ts:7 .* swapped boolean .* 1 -> 0/);
  t.notRegex(text, /machines\/a\/x\.ts/);
  t.regex(text, /actors\s+│ 0\s+│ 1/);
  t.regex(text, /machines\/a\s+│ 3\s+│ 0/);
  t.is(text.split('\n').at(-1), '3 killed, 1 survived');
});

test('a trial that was interrupted at once has its totals', (t) => {
  t.is(reportText([]), '0 killed, 0 survived');
});

test('a survivor that no test could see is told as such', (t) => {
  t.regex(reportText([{ ...verdict(null), tests: 0 }]), /no test runs this file/);
  t.notRegex(reportText([verdict(null)]), /no test runs this file/);
});
