/** A text to whoever has the key of the pair: what is read back, and what is not believed. */
import test from 'ava';
import { writeForwardReports } from '../../infra/rtcp/forward-report.ts';
import { readSealedTexts, writeSealedText } from '../../infra/rtcp/sealed-text.ts';

const KEY = Buffer.alloc(32, 7);
const sealed = (text: string) => {
  const datagram = writeSealedText(text, 9, KEY);
  if (datagram === undefined) throw new Error('too long');
  return datagram;
};

test('a text of any length comes back, with no more than three spaces behind it', (t) => {
  for (const text of ['a b', 'ab c', 'abc d', 'Zoë 👋', '']) {
    const [read = '?'] = readSealedTexts(sealed(text), () => KEY);
    t.is(read.trimEnd(), text);
    t.true(Buffer.byteLength(read) - Buffer.byteLength(text) < 4);
  }
});

test('what is too long for one datagram is not written', (t) => {
  t.is(writeSealedText('x'.repeat(1200), 9, KEY), undefined);
  t.true(sealed('x'.repeat(1100)).length <= 1200);
});

test('without the key, with another, or changed in any byte it is nothing', (t) => {
  const datagram = sealed('relay.request {}');
  t.deepEqual(
    readSealedTexts(datagram, () => undefined),
    [],
  );
  t.deepEqual(
    readSealedTexts(datagram, () => Buffer.alloc(32, 8)),
    [],
  );
  for (let at = 0; at < datagram.length; at++) {
    const changed = Uint8Array.from(datagram);
    changed[at] = (changed[at] ?? 0) ^ 1;
    t.deepEqual(
      readSealedTexts(changed, () => KEY),
      [],
      `byte ${at}`,
    );
  }
});

test('of other RTCP, and of what is cut off, no key is asked for', (t) => {
  const asked = () => {
    t.fail();
    return KEY;
  };
  t.deepEqual(readSealedTexts(writeForwardReports([{ forwarderSsrc: 9, streamSsrc: 1, newest: 5 }]), asked), []);
  const datagram = sealed('a text');
  for (let length = 0; length < datagram.length; length++)
    t.deepEqual(readSealedTexts(datagram.subarray(0, length), asked), []);
});
