/** When a page is told of the room. */
import test from 'ava';
import { TELL_MS, Telling } from '../../../actors/page/telling.ts';
import { member, viewOf } from '../../machines/members.ts';

const SELF = member('me');

test('who comes, goes or shows something else is told at once, rates and the like with the next turn', (t) => {
  const telling = new Telling();
  t.true(telling.isDue(viewOf(SELF), 0), 'nothing has been told');
  telling.told(viewOf(SELF), 0);
  t.false(telling.isDue(viewOf(SELF), 1));
  const bo = member('bo');
  const withBo = viewOf(SELF, bo);
  t.true(telling.isDue(withBo, 1), 'somebody came');
  telling.told(withBo, 1);
  t.false(telling.isDue(viewOf(SELF, { ...bo, uploadBps: bo.uploadBps + 1 }), 2), 'it has another uplink');
  t.true(telling.isDue(viewOf(SELF, { ...bo, streams: [] }), 2), 'it shows nothing any more');
  t.true(telling.isDue(viewOf(SELF), 2), 'it went');
  t.true(telling.isDue(withBo, 1 + TELL_MS));
});
