import test from 'ava';
import { Mixer } from '../../actors/phone/sound/mixer.ts';
import { PhoneSound } from '../../actors/phone/sound/phone-sound.ts';
import { SpeakerChoice } from '../../actors/phone/sound/speaker.ts';
import type { RemoteStream } from '../../actors/sink/contract.ts';
import { decodeG711, encodeG711, type Law } from '../../infra/codec/g711.ts';
import { readSequence, readSsrc, readTimestamp } from '../../infra/rtp/header.ts';

const LAWS: readonly Law[] = ['pcmu', 'pcma'];
const level = (samples: Int16Array) => Math.max(...samples.map(Math.abs));
const tone = (height: number) => Int16Array.from({ length: 160 }, () => height);

for (const law of LAWS) {
  test(`${law}: what is decoded and encoded again is the same, and samples come near`, (t) => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const again = encodeG711(law, decodeG711(law, bytes));
    // Mu-law has two zeros.
    t.deepEqual(
      [...again].map((byte) => (law === 'pcmu' && byte === 0xff ? 0x7f : byte)),
      [...bytes].map((byte) => (law === 'pcmu' && byte === 0xff ? 0x7f : byte)),
    );
    for (const sample of [0, 100, -100, 5000, -5000, 32_000, -32_000]) {
      const [near = 0] = decodeG711(law, encodeG711(law, Int16Array.of(sample)));
      t.true(Math.abs(near - sample) <= Math.max(16, Math.abs(sample) / 16), `${sample} became ${near}`);
    }
  });
}

test('the values are those of G.711', (t) => {
  t.deepEqual([...decodeG711('pcmu', Uint8Array.of(0x00, 0x80, 0xff))], [-32_124, 32_124, 0]);
  t.deepEqual([...decodeG711('pcma', Uint8Array.of(0x2a, 0xaa, 0xd5))], [-32_256, 32_256, 8]);
});

test('two voices in two laws are heard together, and silence where nobody speaks', (t) => {
  const mixer = new Mixer();
  t.is(level(decodeG711('pcmu', mixer.frame('pcmu'))), 0);
  for (let round = 0; round < 3; round++) {
    mixer.take(1, 'pcmu', encodeG711('pcmu', tone(4000)));
    mixer.take(2, 'pcma', encodeG711('pcma', tone(2000)));
  }
  const mixed = level(decodeG711('pcmu', mixer.frame('pcmu')));
  t.true(mixed > 5500 && mixed < 6500, String(mixed));
  mixer.keepOnly(new Set());
  t.is(level(decodeG711('pcmu', mixer.frame('pcmu'))), 0);
});

test('a voice that comes faster than it is played is not heard later and later', (t) => {
  const mixer = new Mixer();
  for (let packet = 0; packet < 100; packet++) mixer.take(1, 'pcmu', encodeG711('pcmu', tone(packet * 100)));
  const [first = 0] = decodeG711('pcmu', mixer.frame('pcmu'));
  t.true(first > 8000, String(first));
});

test('who speaks stays for a while, and a louder one takes over then', (t) => {
  const speaker = new SpeakerChoice();
  t.is(speaker.hear(new Map([[1, 10]]), 100, 0), null);
  t.is(speaker.hear(new Map([[1, 500]]), 100, 10), 1);
  const louder = new Map([
    [1, 500],
    [2, 5000],
  ]);
  t.is(speaker.hear(louder, 100, 500), 1);
  t.is(speaker.hear(louder, 100, 2000), 2);
  t.is(speaker.hear(new Map([[2, 0]]), 100, 9000), 2);
  t.is(speaker.hear(new Map(), 100, 9000), null);
});

const voice = (peer: string, ssrc: number, name: string, clockRate: number, channels?: number): RemoteStream => ({
  ...{ peer, stream: 'voice', ssrc, media: 'audio', payloadType: 97, fmtp: '', group: null },
  codec: { name, clockRate, ...(channels === undefined ? {} : { channels }) },
});

function packet(ssrc: number, sequence: number, bytes: number): Uint8Array {
  const packet = new Uint8Array(12 + bytes);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x80);
  view.setUint8(1, 97);
  view.setUint16(2, sequence);
  view.setUint32(4, 960 * sequence);
  view.setUint32(8, ssrc);
  return packet;
}

test('a phone with G.711 gets a frame each 20 ms, also where nobody speaks', (t) => {
  const sent: Uint8Array[] = [];
  const sound = new PhoneSound(
    7,
    { payloadType: 8, codec: { name: 'PCMA', clockRate: 8000 }, fmtp: '' },
    (one) => void sent.push(one),
  );
  for (let frame = 0; frame < 3; frame++) sound.tick(20 * frame);
  t.deepEqual(
    sent.map((one) => [one.length, readSequence(one), readTimestamp(one), readSsrc(one)]),
    [
      [172, 0, 0, 7],
      [172, 1, 160, 7],
      [172, 2, 320, 7],
    ],
  );
});

test('of voices that nobody here decodes the one who speaks is passed on, in one stream', (t) => {
  const sent: Uint8Array[] = [];
  const opus = { payloadType: 111, codec: { name: 'opus', clockRate: 48_000, channels: 2 }, fmtp: '' };
  const sound = new PhoneSound(7, opus, (one) => void sent.push(one));
  sound.setStreams([voice('A', 1, 'opus', 48_000, 2), voice('B', 2, 'opus', 48_000, 2), voice('C', 3, 'PCMU', 8000)]);
  for (let at = 0; at < 200; at++) {
    sound.deliver(packet(1, at, at < 100 ? 100 : 3), 20 * at);
    sound.deliver(packet(2, 5000 + at, at < 100 ? 3 : 100), 20 * at);
    sound.deliver(packet(3, at, 160), 20 * at);
  }
  t.is(sound.speaker, 'B');
  t.true(
    sent.every(
      (one, at) =>
        readSsrc(one) === 7 && (at === 0 || readSequence(one) === ((readSequence(sent[at - 1] ?? one) + 1) & 0xffff)),
    ),
  );
  t.true(sent.length > 150);
});
