import test from 'ava';
import fc from 'fast-check';
import { isId, isKind, parseSubject, subjectOf } from '../../machines/subjects.ts';

const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,32}$/).filter((text) => text !== 'all');
const kind = fc.stringMatching(/^[a-z]{1,9}(\.[a-z]{1,9})?$/);
const address = fc.record({ room: id, from: id, to: fc.oneof(id, fc.constant('all')), kind });

test('an address is read from its subject as it was written', (t) => {
  const property = fc.property(address, (written) => t.deepEqual(parseSubject(subjectOf(written)), written));
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: 300 }));
});

test('what is read from a subject is written as the same subject', (t) => {
  const token = fc.oneof(fc.constantFrom('rpr', 'v2', 'all', 'A', '', '*', '>', ' ', 'relay', 'x'.repeat(33)), id);
  const subject = fc.array(token, { maxLength: 9 }).map((tokens) => tokens.join('.'));
  const property = fc.property(subject, (text) => {
    const parsed = parseSubject(text);
    if (parsed !== undefined) t.is(subjectOf(parsed), text);
  });
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: 2000 }));
});

test('subjects outside the grammar are none', (t) => {
  const wrong = [
    ...['', 'rpr', 'rpr.v2', 'rpr.v2.r.A.B', 'rpr.v1.r.A.B.bye', 'RPR.v2.r.A.B.bye', 'rpr.v2.r.all.B.bye'],
    ...['rpr.v2.all.A.B.bye', 'rpr.v2.r.A.*.bye', 'rpr.v2.r.A.>.bye', 'rpr.v2.r..B.bye', 'rpr.v2.r.Ä.B.bye'],
    ...['rpr.v2.r.A.B.', 'rpr.v2.r.A.B.relay.', 'rpr.v2.r.A.B..', ` rpr.v2.r.A.B.bye`, 'rpr.v2.r.A B.C.bye'],
    `rpr.v2.${'r'.repeat(33)}.A.B.bye`,
  ];
  for (const subject of wrong) t.is(parseSubject(subject), undefined, subject);
});

test('an id is 1 to 32 letters, digits, underscores or hyphens, and not the word all', (t) => {
  for (const text of ['A', 'a-b_9', 'x'.repeat(32), 'All']) t.true(isId(text), text);
  for (const text of ['', 'all', 'a.b', 'a b', 'ä', 'x'.repeat(33), 'a\n', '*']) t.false(isId(text), text);
});

test('kinds outside the protocol are no message kinds', (t) => {
  t.true(isKind('relay.offer'));
  for (const text of ['inspect', 'claim', 'control.join', 'toString', '']) t.false(isKind(text), text);
});
