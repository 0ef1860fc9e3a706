/** What is sent and does not come is noticed; what is not sent, or lost here and there, is no alarm. */
import test from 'ava';
import { SliceWatch } from '../../machines/slice-watch.ts';
import { ALL_SLICES } from '../../machines/slices.ts';

const SSRC = 7;
/** Packets between two sender reports. */
const PER_REPORT = 48;

/** Reports of a source whose packets come if `arrives` says so. */
function watched(reports: number, arrives: (sequence: number) => boolean) {
  const watch = new SliceWatch();
  watch.watch([SSRC]);
  watch.reported('A', SSRC, 0);
  return Array.from({ length: reports }, (_, report) => {
    for (let packet = 0; packet < PER_REPORT; packet++) {
      const sequence = report * PER_REPORT + packet;
      if (arrives(sequence)) watch.arrived(SSRC, sequence);
    }
    return watch.reported('A', SSRC, (report + 1) * PER_REPORT);
  });
}

const alarm = (slices: number) => [{ type: 'slices.missing', owner: 'A', ssrc: SSRC, slices }];

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
  watch.watch([SSRC]);
  t.deepEqual(
    [100, 100, 100].map((packets) => watch.reported('A', SSRC, packets)),
    [[], [], []],
  );
});

test('a source that starts anew is watched anew', (t) => {
  const watch = new SliceWatch();
  watch.watch([SSRC]);
  t.deepEqual(
    [1000, 3, 3].map((packets) => watch.reported('A', SSRC, packets)),
    [[], [], []],
  );
});

test('packets that come late, two of each slice, raise no alarm', (t) => {
  t.deepEqual(
    watched(3, (sequence) => sequence % 48 < 16),
    [[], [], []],
  );
});
