/** What is believed of what comes over the bus. */
import test from 'ava';
import { SecretKey } from '../../infra/crypto/secret-key.ts';
import { freshKeys, freshKnown } from './keys.ts';
import { type Carried, introduce, Party, ROOM } from './party.ts';

const fault = (name: string) => ({ fault: name });
const flipped = ({ address, bytes }: Carried, at: number): Carried => {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return { address, bytes: changed };
};

test('what is signed is heard once', (t) => {
  const [a, b] = [new Party('A', 1), new Party('B', 2)];
  const hello = a.says('hello');
  t.is(b.hears(hello), 'hello');
  t.deepEqual(b.hears(hello), fault('replayed'));
});

test('not one bit can be changed, nothing cut, and nothing said about something else', (t) => {
  const [a, b] = [new Party('A', 1), new Party('B', 2)];
  introduce(a, b);
  const said = a.says('hello', 'B');
  for (let at = 0; at < said.bytes.length; at++) t.not(b.hears(flipped(said, at)), 'hello', `byte ${at}`);
  for (let end = 0; end < said.bytes.length; end++) {
    t.not(b.hears({ ...said, bytes: said.bytes.subarray(0, end) }), 'hello');
  }
  const elsewhere = [{ from: 'C' }, { to: 'all' }, { to: 'C' }, { kind: 'relay.release' }, { room: 'other' }];
  for (const change of elsewhere) {
    const address = { ...said.address, ...change };
    t.true(typeof b.hears({ address, bytes: said.bytes }) === 'object', JSON.stringify(change));
  }
  t.is(b.hears(said), 'hello', 'none of that has spoilt the message itself');
});

test('messages may come in another order within the window, not beyond it', (t) => {
  const [a, b] = [new Party('A', 1), new Party('B', 2)];
  introduce(a, b);
  const early = a.says('early');
  const lost = a.says('lost');
  t.is(b.hears(a.says('late')), 'late');
  t.is(b.hears(early), 'early');
  for (let i = 0; i < 1024; i++) a.says('more');
  t.is(b.hears(a.says('last')), 'last');
  t.deepEqual(b.hears(lost), fault('replayed'));
});

test('a known id is believed under its key alone, and the other key is kept for the user to judge', (t) => {
  const known = freshKnown();
  const [a, b] = [new Party('A', 1), new Party('B', 2, freshKeys({ known }))];
  introduce(a, b);
  t.is(known.keyOf('A'), a.keys.identity?.publicKey);
  const other = new Party('A', 3);
  t.deepEqual(b.hears(other.says('I am A')), fault('other-key'));
  t.is(known.refused.get('A'), other.keys.identity?.publicKey);
  t.deepEqual(b.hears(new Party('A', 4, freshKeys({ identity: null })).says('so am I')), fault('unsigned'));
  t.is(b.hears(a.says('I am')), 'I am');
});

test('a key with which nothing was signed is not kept against anybody', (t) => {
  const known = freshKnown();
  const [a, b, mallory] = [new Party('A', 1), new Party('B', 2, freshKeys({ known })), new Party('A', 3)];
  introduce(a, b);
  const forged = mallory.says('I am A');
  forged.bytes.set([1, 2, 3], 80);
  t.deepEqual(b.hears(forged), fault('forged'));
  t.is(known.refused.size, 0);
});

test('who is met is remembered only once it has proved that it is here', (t) => {
  const known = freshKnown();
  const [a, b] = [new Party('A', 1), new Party('B', 2, freshKeys({ known }))];
  a.hears(b.says('here'));
  b.hears(a.says('here'));
  t.is(known.keyOf('A'), undefined);
  t.is(b.opener.provenKey('A', 1), null);
  b.hears(a.says('to you', 'B'));
  t.is(known.keyOf('A'), a.keys.identity?.publicKey);
  t.is(b.opener.provenKey('A', 1), a.keys.identity?.publicKey ?? null);
});

test('what was kept of an earlier call shows nobody who is gone: it is asked, and not believed for long', (t) => {
  const [a, before] = [new Party('A', 1), new Party('B', 2)];
  introduce(a, before);
  const kept = Array.from({ length: 20 }, (_, i) => a.says(`old ${i}`));
  const keptForB = a.says('old', 'B');
  const b = new Party('B', 9, { ...before.keys, known: freshKnown() });
  t.deepEqual(b.hears(keptForB), fault('replayed'));
  t.is(b.hears(kept[0] as Carried, 0), 'old 0');
  t.false(b.asks(kept[1] as Carried, 100), 'it may say something by itself');
  t.true(b.asks(kept[2] as Carried, 1_000));
  t.is(b.hears(kept[3] as Carried, 2_000), 'old 3');
  t.deepEqual(b.hears(kept[4] as Carried, 6_001), fault('unproven'));
  t.true(b.asks(kept[5] as Carried, 7_100), 'who belongs is asked on, and gets in');
  a.hears(b.says('prove', 'A', 'prove'));
  t.is(a.opener.epochOf('B'), 9);
  t.is(b.hears(a.says('here', 'B', 'proof'), 8_000), 'here');
  t.is(b.hears(kept[6] as Carried, 8_000), 'old 6');
});

test('what is said to all counts of one that has proved nothing only as far as it says that somebody is there', (t) => {
  const [a, b] = [new Party('A', 1), new Party('B', 2)];
  t.deepEqual(b.hears(a.says('hi', 'all', 'chat')), fault('unproven'));
  t.is(b.hears(a.says('hi', 'all', 'invite')), 'hi');
});

test('a process is believed that has started anew, and the one before it no more', (t) => {
  const [a, b] = [new Party('A', 5), new Party('B', 2)];
  introduce(a, b);
  const old = a.says('old');
  const anew = new Party('A', 6, a.keys);
  t.is(b.hears(anew.says('anew')), 'anew');
  anew.hears(b.says('here'));
  t.is(b.hears(anew.says('to you', 'B')), 'to you');
  const older = new Party('A', 4, a.keys);
  t.deepEqual(b.hears(older.says('from long ago')), fault('replayed'));
  t.is(b.hears(old), 'old', 'both have proved themselves: the machines decide');
});

test('a process of an earlier clock gets in once it has proved that it is here', (t) => {
  const [a, b] = [new Party('A', 5), new Party('B', 2)];
  introduce(a, b);
  const back = new Party('A', 3, a.keys);
  t.deepEqual(b.hears(back.says('back')), fault('replayed'));
  back.hears(b.says('here'));
  t.is(b.hears(back.says('prove', 'B', 'prove')), 'prove');
  t.is(b.hears(back.says('back')), 'back');
});

test('nobody speaks under our own id but who holds our key, and only who is here', (t) => {
  const a = new Party('A', 1);
  t.deepEqual(a.hears(new Party('A', 9).says('I take your place')), fault('other-key'));
  const twin = new Party('A', 9, a.keys);
  t.deepEqual(a.hears(twin.says('first')), fault('unproven'));
  t.true(a.asks(twin.says('second'), 2_000));
  twin.hears(a.says('prove', 'A', 'prove'));
  t.is(a.hears(twin.says('here', 'A', 'proof')), 'here');
  t.is(a.hears(twin.says('third')), 'third');
});

test('in an open room one is heard that does not sign, until its id has signed', (t) => {
  const [plain, b] = [new Party('D', 1, freshKeys({ identity: null })), new Party('B', 2)];
  t.is(b.hears(plain.says('hello')), 'hello');
  t.is(plain.hears(b.says('hello')), 'hello');
  t.is(plain.hears(b.says('to you', 'D')), 'to you');
  const signing = new Party('D', 3);
  introduce(signing, b);
  t.deepEqual(b.hears(plain.says('again')), fault('unsigned'));
});

test('whoever forges many signatures in a name takes no more than its share of time', (t) => {
  const [a, b] = [new Party('A', 1), new Party('B', 2)];
  introduce(a, b);
  const faults = Array.from({ length: 400 }, () => b.hears(flipped(a.says('x'), 60)));
  t.deepEqual(faults[0], fault('forged'));
  t.deepEqual(faults.at(-1), fault('flood'));
  t.is(b.hears(a.says('later'), 1_000), 'later');
});

const key = (secret: string) => SecretKey.of(secret, ROOM);

test('with a key of the room only who has it hears and is heard, signed or not', async (t) => {
  const room = await key('open sesame');
  const [a, b] = [
    new Party('A', 1, freshKeys({ room })),
    new Party('B', 2, freshKeys({ room: await key('open sesame') })),
  ];
  introduce(a, b);
  t.is(b.hears(a.says('hello')), 'hello');
  const unsigned = new Party('C', 3, freshKeys({ room, identity: null }));
  t.is(b.hears(unsigned.says('hello')), 'hello');
  const wrong = new Party('D', 4, freshKeys({ room: await key('open barley') }));
  t.deepEqual(b.hears(wrong.says('hello')), fault('locked'));
  t.deepEqual(wrong.hears(b.says('hello')), fault('locked'));
  const without = new Party('E', 5);
  t.deepEqual(b.hears(without.says('hello')), fault('unlocked'));
  t.deepEqual(without.hears(b.says('hello')), fault('locked'));
  t.deepEqual(b.hears(new Party('F', 6, freshKeys({ identity: null })).says('hello')), fault('unlocked'));
});

test('a server sees nothing of what is sealed, twice the same is not alike, and what it changes is no message', async (t) => {
  const room = await key('open sesame');
  const [a, b] = [new Party('A', 1, freshKeys({ room })), new Party('B', 2, freshKeys({ room }))];
  introduce(a, b);
  const said = a.says('secret words');
  for (const seen of ['secret', 'epoch', a.keys.identity?.publicKey ?? '?']) {
    t.false(Buffer.from(said.bytes).includes(seen), seen);
  }
  t.false(Buffer.from(said.bytes).includes(Buffer.from(a.keys.identity?.publicKey ?? '', 'base64url')));
  t.notDeepEqual(a.says('same').bytes.subarray(0, 40), a.says('same').bytes.subarray(0, 40));
  for (let at = 1; at < said.bytes.length; at++) t.deepEqual(b.hears(flipped(said, at)), fault('forged'));
  for (const address of [
    { ...said.address, from: 'C' },
    { ...said.address, kind: 'profile' },
  ]) {
    t.true(typeof b.hears({ address, bytes: said.bytes }) === 'object');
  }
});

test('the same secret is another key in another room', async (t) => {
  const [here, there] = await Promise.all([SecretKey.of('s', 'here'), SecretKey.of('s', 'there')]);
  t.deepEqual(here.open('A', 'x', here.seal('A', 'x', Uint8Array.of(1, 2, 3))), Buffer.of(1, 2, 3));
  t.is(there.open('A', 'x', here.seal('A', 'x', Uint8Array.of(1))), undefined);
  t.is(here.open('B', 'x', here.seal('A', 'x', Uint8Array.of(1))), undefined);
});
