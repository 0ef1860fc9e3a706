import test from 'ava';
import { parsePeerOptions } from '../../actors/options/options.ts';

const parse = (...argv: string[]) => parsePeerOptions(['--id', 'D', ...argv]);

test('a phone is source and sink of a plain endpoint', (t) => {
  const parsed = parse(
    '--no-rpr',
    '--sip',
    '127.0.0.1:5060',
    '--dial',
    'sip:desk@192.0.2.7',
    '--sip-password',
    'secret',
    '--register',
    'sip:rpr@192.0.2.1',
  );
  if (!('options' in parsed)) return t.fail();
  const listen = { host: '127.0.0.1', port: 5060 };
  t.deepEqual(parsed.options.phone, {
    listen,
    dial: 'sip:desk@192.0.2.7',
    register: 'sip:rpr@192.0.2.1',
    password: 'secret',
  });
  t.deepEqual(parsed.options.streams, []);
});

test('what does not go with a phone is said', (t) => {
  t.throws(() => parse('--sip', '127.0.0.1:5060'), { message: /Add --no-rpr/ });
  t.throws(() => parse('--no-rpr', '--dial', 'sip:desk@192.0.2.7'), { message: /add --sip/ });
  t.throws(() => parse('--no-rpr', '--register', 'sip:rpr@192.0.2.1'), { message: /add --sip/ });
  t.throws(() => parse('--no-rpr', '--sip', '127.0.0.1:0', '--source', 'test'), { message: /Leave out --source/ });
  t.throws(() => parse('--no-rpr', '--sip', '127.0.0.1:0', '--dial', 'tel:123'), { message: /sip:USER@HOST/ });
});
