/** Which of the streams that come to a port is taken: restarts at once, second senders never, and nobody in turns. */
import test from 'ava';
import { type Choice, StreamChoice } from '../../infra/sdp/stream-choice.ts';
import { rtpPacket } from './packets.ts';

const HZ = 48_000;
const FRAME_MS = 20;

/** A sender of 50 packets a second, and what became of each. */
interface Sender {
  readonly ssrc: number;
  sequence: number;
  timestamp: number;
}

function open(usualPauseMs = 5000) {
  const choice = new StreamChoice({ clockRate: HZ, usualPauseMs });
  const clock = { ms: 1000 };
  const send = ({ ssrc, sequence, timestamp }: Sender): Choice =>
    choice.choose(rtpPacket({ ssrc, sequence: sequence & 0xffff, timestamp: timestamp >>> 0 }), clock.ms);
  /** Lets all of them speak at once for so long, and returns what became of their packets. */
  const speak = (ms: number, ...senders: Sender[]): Choice[][] => {
    const became = senders.map((): Choice[] => []);
    for (const end = clock.ms + ms; clock.ms < end; clock.ms += FRAME_MS) {
      for (const [index, sender] of senders.entries()) {
        became[index]?.push(send(sender));
        sender.sequence++;
        sender.timestamp += (HZ * FRAME_MS) / 1000;
      }
    }
    return became;
  };
  const pause = (ms: number, ...senders: Sender[]) => {
    clock.ms += ms;
    for (const sender of senders) sender.timestamp += (HZ * ms) / 1000;
  };
  return { send, speak, pause, clock };
}

const sender = (ssrc: number, sequence = 100, timestamp = 5000): Sender => ({ ssrc, sequence, timestamp });
const count = (became: readonly Choice[] | undefined, what: Choice) => became?.filter((one) => one === what).length;

/** First numbers and timestamps of the second run, against those of the first, which ends 90 packets on. */
const RESTARTS: readonly [string, number, number, number][] = [
  ['the same numbers and other timestamps', 100, 3_000_000_000, 2000],
  ['the same numbers and timestamps', 100, 5000, 2000],
  ['numbers 500 above and other timestamps', 600, 3_000_000_000, 2000],
  ['numbers a little above and the same timestamps', 200, 5000, 2000],
  ['the very next number and other timestamps', 190, 3_000_000_000, 2000],
  ['numbers far off and the same timestamps', 40_000, 5000, 2000],
  ['other timestamps, in the same moment', 100, 3_000_000_000, 0],
];

for (const [what, sequence, timestamp, afterMs] of RESTARTS) {
  test(`a restart under the same SSRC is taken at once: ${what}`, (t) => {
    const { speak, pause } = open();
    speak(90 * FRAME_MS, sender(1));
    pause(afterMs);
    const [became] = speak(90 * FRAME_MS, sender(1, sequence, timestamp));
    t.is(became?.[0], 'began');
    t.is(count(became, 'continued'), 89);
  });
}

test('a restart with the same numbers and timestamps in the same moment is known by its order', (t) => {
  const { speak } = open();
  speak(90 * FRAME_MS, sender(1));
  const [became] = speak(90 * FRAME_MS, sender(1));
  t.is(became?.indexOf('began'), 3);
  t.is(count(became, 'began'), 1);
});

test('what is lost, late, doubled, or shown in another order is no restart', (t) => {
  const { send, speak, clock } = open();
  speak(1000, sender(1));
  const at = (sequence: number, timestamp: number) => send({ ssrc: 1, sequence, timestamp });
  clock.ms += 20;
  t.is(at(250, 5000 + 960 * 150), 'continued');
  t.is(at(245, 5000 + 960 * 145), 'continued');
  t.is(at(245, 5000 + 960 * 145), 'continued');
  // Three pictures back.
  t.is(at(251, 5000 + 960 * 147), 'continued');
  t.is(at(252, 5000 + 960 * 152), 'continued');
});

test('packets that were lost before us and come at once when they are got again are no restart', (t) => {
  const { send, speak, clock } = open();
  speak(1000, sender(1));
  const at = (sequence: number) => send({ ssrc: 1, sequence, timestamp: 5000 + 960 * (sequence - 100) });
  clock.ms += 400;
  t.is(at(170), 'continued');
  for (let sequence = 150; sequence < 170; sequence++) t.is(at(sequence), 'continued', `${sequence}`);
  t.is(at(171), 'continued');
});

test('a burst of copies is no restart', (t) => {
  const { send, speak } = open();
  speak(1000, sender(1));
  const copies = Array.from({ length: 20 }, (_, index) =>
    send({ ssrc: 1, sequence: 130 + index, timestamp: 5000 + 960 * (30 + index) }),
  );
  t.deepEqual(new Set(copies), new Set(['continued']));
});

for (const [what, sequence, timestamp] of [
  ['the very next number and other timestamps', 150, 3_000_000_000],
  ['numbers far off', 40_000, 5000],
] as const) {
  test(`what comes late of the run before a restart takes nothing back: ${what}`, (t) => {
    const { send, speak } = open();
    speak(1000, sender(1));
    const again = sender(1, sequence, timestamp);
    t.is(speak(100, again)[0]?.[0], 'began');
    // One that the others overtook, one that comes twice, and the very last.
    for (const late of [146, 149, 149])
      t.is(send({ ssrc: 1, sequence: late, timestamp: 5000 + 960 * (late - 100) }), 'late');
    const last = sequence === 150 ? 149 : 150;
    t.is(send({ ssrc: 1, sequence: last, timestamp: 5000 + 960 * (last - 100) }), 'late');
    t.deepEqual(new Set(speak(1000, again)[0]), new Set(['continued']));
  });
}

test('silence of seconds is no end, whether its time is counted or not', (t) => {
  for (const counted of [true, false]) {
    const { speak, pause } = open();
    const voice = sender(1);
    speak(1000, voice);
    if (counted) pause(8000, voice);
    else pause(8000);
    const [became] = speak(1000, voice);
    t.deepEqual(new Set(became), new Set(['continued']));
  }
});

test('a second sender that runs beside the first is kept out, also in pauses of seconds', (t) => {
  const { speak, pause } = open();
  const voice = sender(1);
  const other = sender(2);
  const first = speak(1000, voice, other);
  const paused = speak(3000, other);
  pause(0, voice);
  voice.timestamp += 3 * HZ;
  const again = speak(1000, voice, other);
  t.is(count(first[1], 'other'), 50);
  t.is(count(paused[0], 'other'), 150);
  t.is(count(again[0], 'continued'), 50);
  t.is(count(again[1], 'other'), 50);
});

test('two senders under one SSRC do not alternate either', (t) => {
  const { speak } = open();
  const [first, second] = speak(5000, sender(1), sender(1, 30_000, 3_000_000_000));
  // Two packets of the second, which might have been a restart; then the first has its place back.
  t.is(count(second, 'began'), 1);
  t.is(count(second, 'continued'), 1);
  t.is(count(first, 'late'), 1);
  t.is(count(first, 'other'), 0);
});

test('another program takes over at once when the first has ended', (t) => {
  const { speak, pause } = open();
  speak(1000, sender(1));
  pause(250);
  t.is(speak(1000, sender(2))[0]?.[0], 'began');
});

test('who ran beside the first takes over when its silence is longer than any pause', (t) => {
  const { speak } = open(1000);
  const other = sender(2);
  speak(1000, sender(1), other);
  const [became] = speak(3000, other);
  // The first was heard last one frame before.
  t.is(became?.indexOf('began'), 49);
  t.is(count(became, 'continued'), 100);
});

test('a voice that only paused gets its place back from who took it, for good', (t) => {
  const { speak } = open();
  const voice = sender(1);
  const other = sender(2);
  speak(1000, voice);
  const [meanwhile] = speak(2000, other);
  voice.timestamp += 2 * HZ;
  const [back, kept] = speak(1000, voice, other);
  t.is(count(meanwhile, 'other'), 12);
  t.is(back?.[0], 'began');
  t.is(count(back, 'continued'), 49);
  t.is(count(kept, 'other'), 50);
  t.is(count(speak(4000, other)[0], 'other'), 200);
});

test('a voice that has paused before is waited for', (t) => {
  const { speak, pause } = open();
  const voice = sender(1);
  speak(1000, voice);
  pause(1400, voice);
  speak(1000, voice);
  t.is(count(speak(1500, sender(2))[0], 'other'), 75);
});

test('single packets of anybody do not keep a stream out', (t) => {
  const { send, speak } = open();
  let seed = 1;
  const stray = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return send(sender(seed, seed & 0xffff, seed));
  };
  t.is(stray(), 'began');
  const voice = sender(1);
  let taken = 0;
  for (let packet = 0; packet < 100; packet++) {
    for (let count = 0; count < 20; count++) stray();
    if (speak(FRAME_MS, voice)[0]?.[0] !== 'other') taken++;
  }
  t.true(taken >= 95, `${taken} of 100`);
});
