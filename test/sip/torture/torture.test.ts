import test from 'ava';
import { readMessage } from '../../../infra/sip/read.ts';
import { Rehearsal, statuses } from '../rehearsal.ts';
import { MALFORMED } from './malformed.ts';
import { WELL_FORMED } from './well-formed.ts';

const ALL = [...WELL_FORMED, ...MALFORMED];

test('all 49 messages of RFC 4475 are here', (t) => {
  t.is(new Set(ALL.map(({ name }) => name)).size, 49);
});

for (const { name, section, text, expected } of ALL) {
  test(`${name} (RFC 4475 section ${section}) is answered as it should be`, (t) => {
    const answers = statuses(new Rehearsal().receive(text)).filter((status) => status !== 100);
    if (expected === 'silence') t.deepEqual(answers, []);
    else if ('parses' in expected) {
      const read = readMessage(Buffer.from(text, 'latin1'));
      t.is(read.kind, 'message', JSON.stringify(read));
      t.deepEqual(answers, expected.status === undefined ? [] : [expected.status]);
    } else t.deepEqual(answers, [expected.status]);
  });
}

test('wsinv is read as what it says', (t) => {
  const read = readMessage(Buffer.from(WELL_FORMED[0]?.text ?? '', 'latin1'));
  t.true(read.kind === 'message' && read.message.kind === 'request');
  if (read.kind !== 'message') return;
  const values = (wanted: string) =>
    read.message.headers.filter(({ name }) => name === wanted).map(({ value }) => value);
  t.is(values('via').length, 3);
  t.deepEqual(values('cseq'), ['0009 INVITE']);
  t.deepEqual(values('unknownheaderwithunusualvalue'), [';;,,;;,;']);
});

test('of two requests in one datagram the second is left alone', (t) => {
  const agent = new Rehearsal();
  agent.receive(WELL_FORMED.find(({ name }) => name === 'dblreq')?.text ?? '');
  t.is(agent.calls.length, 0);
});
