/** What a measured line means, in the digits that are sure; and why one cannot be measured, with what to do. */
import test from 'ava';
import { adviceOf, reportText } from '../../../actors/uplink-report/advice.ts';
import { nobodyError, unansweredError } from '../../../actors/uplink-report/errors.ts';

const LINE = { lineBps: 5_117_000, limitedBy: 'line', agreed: ['S'], tookMs: 8040 } as const;

test('the advice is what can be sent of the line, rounded down, and a fifth of it is kept', (t) => {
  t.deepEqual(adviceOf(LINE), { uploadBps: 5_000_000, lendBps: 4_000_000, isAtLeast: false });
  t.deepEqual(adviceOf({ ...LINE, lineBps: 987_000 }), { uploadBps: 960_000, lendBps: 760_000, isAtLeast: false });
  t.true(adviceOf({ ...LINE, limitedBy: 'plan' }).isAtLeast);
});

test('a person reads what was measured and with whom, and whether more was not agreed', (t) => {
  const text = reportText(LINE, 'tea');
  t.regex(
    text,
    /5\.12 Mbit\/s upwards[\s\S]*S in room tea, in 8\.0 s[\s\S]*auto, or 5 Mbit\/s[\s\S]*4 Mbit\/s: leaves/,
  );
  t.notRegex(text, /at least|measure again/);
  t.regex(reportText({ ...LINE, limitedBy: 'plan' }, 'tea'), /at least 5\.12[\s\S]*--accept at the other end/);
  t.regex(reportText({ ...LINE, limitedBy: 'foreign' }, 'tea'), /measure again when it is quiet/);
});

test('each reason why not says what to do', (t) => {
  t.regex(nobodyError([], 'tea', null, false).message, /Nobody else is in room tea.*--serve --room tea/);
  t.regex(nobodyError(['B'], 'tea', 'X', false).message, /no X in room tea.*--serve/);
  t.regex(nobodyError(['B', 'C'], 'tea', null, false).message, /^B, C is in room tea, and has not agreed.*--download/);
  t.like(nobodyError([], 'tea', null, true), { code: 'uplink.locked' });
  t.like(unansweredError({ is: 'unanswered', agreed: ['S'] }), { code: 'uplink.unanswered' });
});
