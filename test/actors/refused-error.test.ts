import test from 'ava';
import { RefusedError, replacedText } from '../../actors/call/refused-error.ts';

const PLACE = { id: 'A', room: 'hall' };

test('a refusal says why, by a stable code and in words that say what to do', (t) => {
  const taken = new RefusedError('taken', PLACE);
  t.is(taken.code, 'id.taken');
  t.regex(taken.message, /a peer A in room hall already.*--id/);
  const full = new RefusedError('full', PLACE);
  t.is(full.code, 'room.full');
  t.regex(full.message, /hall is full: it holds 256 members.*--room/);
});

test('who was replaced is told by whom', (t) => {
  t.regex(replacedText(PLACE), /Another process has joined room hall as A/);
});
