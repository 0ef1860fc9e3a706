/** NAT-PMP byte by byte (RFC 6886 section 3); the answers are those of miniupnpd 2.3.1. */
import test from 'ava';
import fc from 'fast-check';
import { readNatPmp, writeNatPmp } from '../../infra/mapping/nat-pmp.ts';
import { bytes, hex, OWN_PORT, question } from './questions.ts';

const read = (...pieces: readonly string[]) => readNatPmp(bytes(...pieces), OWN_PORT);

test('the outside address is asked for with two bytes', (t) => {
  t.is(hex(writeNatPmp(question('probe'), OWN_PORT)), '0000');
  t.is(hex(writeNatPmp(question('look'), OWN_PORT)), '0000');
});

test('a mapping is asked for with own port, outside port and lifetime, and ended with zeros', (t) => {
  t.is(hex(writeNatPmp(question('map'), OWN_PORT)), `0001${'0000'}${'1388'}${'1388'}${'00000e10'}`);
  t.is(hex(writeNatPmp(question('unmap'), OWN_PORT)), `0001${'0000'}${'1388'}${'0000'}${'00000000'}`);
});

test('answers are read', (t) => {
  t.deepEqual(read('0080', '0000', '00000025', '14000001'), {
    ...{ type: 'there', method: 'NAT-PMP', epochS: 0x25, host: '20.0.0.1' },
  });
  t.deepEqual(read('0081', '0000', '00000026', '1388', '1389', '00000e10'), {
    ...{ type: 'mapped', method: 'NAT-PMP', epochS: 0x26, host: null, port: 5001, lifetimeS: 3600 },
  });
  t.deepEqual(read('0081', '0000', '00000026', '1388', '0000', '00000000'), { type: 'unmapped', method: 'NAT-PMP' });
});

test('a refusal says why, and what was asked', (t) => {
  const refusal = (operation: string, result: number) => read(operation, `000${result}`, '00000025');
  t.like(refusal('0080', 3), { type: 'refused', method: 'NAT-PMP', asked: 'look', reason: 'no-outside' });
  t.like(refusal('0081', 2), { type: 'refused', method: 'NAT-PMP', asked: 'map', reason: 'forbidden' });
  t.like(refusal('0081', 4), { reason: 'full' });
  t.like(refusal('0081', 9), { reason: 'failed' });
});

test('a gateway that does not know PCP answers it in NAT-PMP', (t) => {
  t.like(read('0080', '0001', '00000025'), { type: 'refused', method: 'PCP', asked: 'look', reason: 'unsupported' });
});

test('an outside address that nobody can have is none', (t) => {
  for (const host of ['00000000', 'e0000001', 'ffffffff']) {
    t.like(read('0080', '0000', '00000025', host), { type: 'refused', reason: 'no-outside' });
  }
});

test('what is malformed, or not for us, is nothing', (t) => {
  t.is(read(''), null);
  t.is(read('0080', '0000', '00000025', '140000'), null, 'too short for an address');
  t.is(read('0081', '0000', '00000026', '1388', '1388', '00000e'), null, 'too short for a mapping');
  t.is(read('0081', '0000', '00000026', '1389', '1388', '00000e10'), null, 'the port of another program');
  t.is(read('0081', '0000', '00000026', '1388', '0000', '00000e10'), null, 'no outside port');
  t.is(read('0000', '0000', '00000025', '14000001'), null, 'a question');
  t.is(read('0082', '0000', '00000026', '1388', '1388', '00000e10'), null, 'a mapping for TCP');
  t.is(read('0280', '0000', '00000025', '14000001'), null, 'another version');
});

test('whatever comes is read within bounds, or is nothing', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 0, max: 1 }), (tail, operation) => {
      const answer = readNatPmp(Buffer.concat([Buffer.from([0, 0x80 + operation, 0, 0]), tail]), OWN_PORT);
      return answer?.type !== 'mapped' || (answer.port > 0 && answer.port <= 0xffff && answer.lifetimeS > 0);
    }),
  );
  t.pass();
});
