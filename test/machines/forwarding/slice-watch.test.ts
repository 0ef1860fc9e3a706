/** What is sent and does not come is noticed; what is not sent, or lost here and there, is no alarm. */
import test from 'ava';
import { SliceWatch } from '../../../machines/forwarding/slice-watch.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';

const SSRC = 7;
const CAMERA = { owner: 'A', stream: 'camera', ssrc: SSRC };
/** Packets between two sender reports. */
const PER_REPORT = 48;

/** Reports of a source whose packets come if `arrives` says so. */
function watched(reports: number, arrives: (sequence: number) => boolean) {
  const watch = new SliceWatch();
  watch.watch([CAMERA]);
  watch.reported(SSRC, 0);
  return Array.from({ length: reports }, (_, report) => {
    for (let packet = 0; packet < PER_REPORT; packet++) {
      const sequence = report * PER_REPORT + packet;
      if (arrives(sequence)) watch.arrived(SSRC, sequence);
    }
    return watch.reported(SSRC, (report + 1) * PER_REPORT);
  });
}

const alarm = (slices: number) => [{ type: 'slices.missing', owner: 'A', stream: 'camera', slices }];

test('nothing of a source comes: all its slices are missing, at every report', (t) => {
  t.deepEqual(
    watched(2, () => false),
    [alarm(ALL_SLICES), alarm(ALL_SLICES)],
  );
});

test('one slice of sixteen does not come: it takes eight packets of it in a row to be sure', (t) => {
  t.deepEqual(
    watched(3, (sequence) => sequence % 16 !== 3),
    [[], [], alarm(1 << 3)],
  );
});

test('single losses raise no alarm', (t) => {
  t.deepEqual(
    watched(4, (sequence) => sequence % 5 !== 0),
    [[], [], [], []],
  );
});

test('a source that pauses raises no alarm', (t) => {
  const watch = new SliceWatch();
  watch.watch([CAMERA]);
  t.deepEqual(
    [100, 100, 100].map((packets) => watch.reported(SSRC, packets)),
    [[], [], []],
  );
});

test('a source that starts anew is watched anew', (t) => {
  const watch = new SliceWatch();
  watch.watch([CAMERA]);
  t.deepEqual(
    [1000, 3, 3].map((packets) => watch.reported(SSRC, packets)),
    [[], [], []],
  );
});

test('packets that come late, two of each slice, raise no alarm', (t) => {
  t.deepEqual(
    watched(3, (sequence) => sequence % 48 < 16),
    [[], [], []],
  );
});

test('what is not expected, or no longer, raises no alarm, whoever reports it', (t) => {
  const watch = new SliceWatch();
  watch.watch([CAMERA]);
  for (const packets of [0, 1000]) t.deepEqual(watch.reported(SSRC + 1, packets), []);
  watch.reported(SSRC, 0);
  watch.watch([]);
  t.deepEqual(watch.reported(SSRC, 1000), []);
});

test('each stream is watched by itself, and what is known of one is kept while others come and go', (t) => {
  const watch = new SliceWatch();
  const voice = { owner: 'A', stream: 'voice', ssrc: SSRC + 1 };
  watch.watch([CAMERA, voice]);
  for (const { ssrc } of [CAMERA, voice]) watch.reported(ssrc, 0);
  for (let sequence = 0; sequence < PER_REPORT; sequence++) watch.arrived(SSRC, sequence);
  t.deepEqual(watch.reported(SSRC, PER_REPORT), []);
  watch.watch([voice]);
  t.deepEqual(watch.reported(voice.ssrc, PER_REPORT), [
    { type: 'slices.missing', owner: 'A', stream: 'voice', slices: ALL_SLICES },
  ]);
});

test('an SSRC that is another stream, or of another member, is watched anew', (t) => {
  for (const next of [
    { ...CAMERA, owner: 'B' },
    { ...CAMERA, stream: 'screen' },
  ]) {
    const watch = new SliceWatch();
    watch.watch([CAMERA]);
    watch.reported(SSRC, 0);
    watch.watch([next]);
    t.deepEqual(watch.reported(SSRC, 1000), [], 'what was sent before is none of its business');
    t.like(watch.reported(SSRC, 2000)[0], { owner: next.owner, stream: next.stream });
  }
});
