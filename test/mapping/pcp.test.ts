/** PCP byte by byte (RFC 6887 sections 7 and 11.1); the answers are those of miniupnpd 2.3.1. */
import test from 'ava';
import fc from 'fast-check';
import { readPcp, writePcp } from '../../infra/mapping/pcp.ts';
import { bytes, hex, NONCE, OWN_PORT, question, TARGET } from './questions.ts';

const OWN = '00000000000000000000ffffc0a80102';
const ANYWHERE = '00000000000000000000ffff00000000';
const OUTSIDE = '00000000000000000000ffff14000001';
const NONCE_HEX = hex(NONCE);
const RESERVED_12 = '00'.repeat(12);

const read = (...pieces: readonly string[]) => readPcp(bytes(...pieces), OWN_PORT, NONCE);
const mapped = ({
  code = '00',
  lifetime = '00000e10',
  nonce = NONCE_HEX,
  udp = '11',
  own = '1388',
  port = '1389',
  host = OUTSIDE,
}) => read(`028100${code}`, lifetime, '00000026', RESERVED_12, nonce, `${udp}000000`, own, port, host);

test('ANNOUNCE is a head alone', (t) => {
  t.is(hex(writePcp(question('probe'), TARGET, NONCE)), `02000000${'00000000'}${OWN}`);
  t.is(hex(writePcp(question('look'), TARGET, NONCE)), `02000000${'00000000'}${OWN}`);
});

test('MAP has the nonce, UDP, our port, and what we would like', (t) => {
  t.is(
    hex(writePcp(question('map'), TARGET, NONCE)),
    `02010000${'00000e10'}${OWN}${NONCE_HEX}${'11000000'}${'1388'}${'1388'}${ANYWHERE}`,
  );
  t.is(
    hex(writePcp(question('map', 'PCP', '20.0.0.1'), TARGET, NONCE)).slice(-32),
    OUTSIDE,
    'what we have already is named, so that a gateway that has forgotten it can give it again',
  );
  t.is(hex(writePcp(question('unmap'), TARGET, NONCE)).slice(8, 16), '00000000', 'a lifetime of 0 ends it');
});

test('answers are read', (t) => {
  const there = { type: 'there', method: 'PCP', epochS: 0x26, host: null } as const;
  t.deepEqual(read('02800000', '00000000', '00000026', RESERVED_12), there);
  t.deepEqual(read('02800004', '00000000', '00000026', RESERVED_12), there, 'who knows no ANNOUNCE knows PCP');
  t.deepEqual(mapped({}), {
    ...{ type: 'mapped', method: 'PCP', epochS: 0x26, host: '20.0.0.1', port: 5001, lifetimeS: 3600 },
  });
  t.deepEqual(mapped({ lifetime: '00000000' }), { type: 'unmapped', method: 'PCP' });
});

test('an outside address may be IPv6, and is written as all addresses are', (t) => {
  t.like(mapped({ host: '20010db8000000000000000000000001' }), { host: '2001:db8::1' });
});

test('a refusal says why', (t) => {
  t.like(mapped({ code: '02' }), { type: 'refused', method: 'PCP', asked: 'map', reason: 'forbidden' });
  t.like(mapped({ code: '0a' }), { reason: 'full' });
  t.like(mapped({ code: '0b' }), { reason: 'taken' });
  t.like(mapped({ code: '0c' }), { reason: 'failed' });
  t.like(mapped({ host: ANYWHERE }), { type: 'refused', reason: 'no-outside' });
  t.like(read('02800002', '00000000', '00000026', RESERVED_12), {
    type: 'refused',
    asked: 'look',
    reason: 'forbidden',
  });
});

test('a gateway that does not know NAT-PMP answers it in PCP', (t) => {
  const answer = read('02800001', '00000000', '00000026', RESERVED_12);
  t.like(answer, { type: 'refused', method: 'NAT-PMP', asked: 'look', reason: 'unsupported' });
});

test('the answer to somebody else is nothing', (t) => {
  t.is(mapped({ nonce: 'ff'.repeat(12) }), null, 'another nonce');
  t.is(mapped({ nonce: 'ff'.repeat(12), code: '02' }), null, 'another nonce, in a refusal');
  t.is(mapped({ own: '1389' }), null, 'another port');
  t.is(mapped({ udp: '06' }), null, 'TCP');
});

test('what is malformed is nothing', (t) => {
  t.is(read(''), null);
  t.is(mapped({ port: '0000' }), null, 'no outside port');
  t.is(read('02810000', '00000e10', '00000026', RESERVED_12), null, 'no mapping behind the head');
  t.is(read('02000000', '00000000', '00000026', RESERVED_12), null, 'a question');
  t.is(read('02800000', '00000000', '00000026', RESERVED_12, '00'), null, 'not of whole words');
  t.is(read('02800000', '00000000', '00000026', RESERVED_12, '00'.repeat(1100)), null, 'longer than any');
  t.is(read('03800000', '00000000', '00000026', RESERVED_12), null, 'another version');
});

test('whatever comes behind a head that is ours is read within bounds, or is nothing', (t) => {
  const head = bytes('02810000', '00000e10', '00000026', RESERVED_12, NONCE_HEX);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
      const answer = readPcp(Buffer.concat([head, tail]), OWN_PORT, NONCE);
      return answer?.type !== 'mapped' || (answer.port > 0 && answer.port <= 0xffff && answer.lifetimeS > 0);
    }),
  );
  t.pass();
});
