/** Lips: by the clocks that a page is told, picture and sound of one moment are of one moment, however late each of them comes. */
import test from 'ava';
import { VirtualClock } from '../virtual-clock.ts';
import { type Late, Person, Viewer } from './lips.ts';

/** What people notice (ITU-R BT.1359: sound 45 ms ahead). In ms. */
const MOST_MS = 45;
/** Until both encoders of a page have told their clock: browsers report on sound each 5 s. In ms. */
const TOLD_MS = 5000;
const HOUR_MS = 3_600_000;

/** A slow encoder of pictures, and a room in which pictures come through a relay and sound does not. */
const SKEWED: Late = { camera: { toGateway: 180, toViewer: 120 }, voice: { toGateway: 25, toViewer: 20 } };
/** As most encoders are. */
const USUAL: Late = { camera: { toGateway: 45, toViewer: 60 }, voice: { toGateway: 25, toViewer: 40 } };

function start(late: Late) {
  const clock = new VirtualClock(1000);
  const viewer = new Viewer(clock);
  const person = (peer: string, first: number, unixOffsetMs: number) =>
    new Person({ clock, late, unixOffsetMs, peer, ssrcs: { camera: first, voice: first + 1 }, viewer });
  /** The most that they are apart within so many ms. */
  const watch = (ms: number) => {
    let most = 0;
    for (let passed = 0; passed < ms; passed += 10) {
      clock.advance(10);
      most = Math.max(most, Math.abs(viewer.skewMs ?? 0));
    }
    return most;
  };
  return { clock, viewer, person, watch };
}

test('lips keep within 45 ms though pictures come 255 ms later than sound', (t) => {
  const { viewer, person, watch } = start(SKEWED);
  const ada = person('A', 100, 0);
  viewer.sink.setStreams(ada.streams);
  viewer.show('A');
  ada.load('page 1', 70_000);
  watch(TOLD_MS);
  t.not(viewer.skewMs, null);
  t.true(watch(30_000) < 5);
});

test('and from the first picture on where encoders are as late as most are', (t) => {
  const { viewer, person, watch } = start(USUAL);
  const ada = person('A', 100, 0);
  viewer.sink.setStreams(ada.streams);
  viewer.show('A');
  ada.load('page 1', 70_000);
  t.true(watch(TOLD_MS) < MOST_MS);
});

test('a page that is loaded anew has another clock, and lips are within 45 ms again', (t) => {
  const { viewer, person, watch } = start(USUAL);
  const ada = person('A', 100, 0);
  viewer.sink.setStreams(ada.streams);
  viewer.show('A');
  ada.load('page 1', 70_000);
  watch(10_000);
  ada.load('page 2', -3 * HOUR_MS);
  t.true(watch(TOLD_MS) < MOST_MS);
  t.true(watch(20_000) < 5);
});

test('a slot that shows one person after the other has one clock, whatever those of their machines say', (t) => {
  const { viewer, person, watch } = start(SKEWED);
  const ada = person('A', 100, 0);
  const bob = person('B', 200, -HOUR_MS);
  viewer.sink.setStreams([...ada.streams, ...bob.streams]);
  ada.load('page 1', 0);
  bob.load('page 2', 5000);
  viewer.show('A');
  watch(8000);
  const before = viewer.off.voice ?? Number.NaN;
  viewer.show('B');
  t.true(watch(8000) < MOST_MS);
  // Both reports took 20 ms, so that nothing but that is between their clocks.
  t.true(Math.abs((viewer.off.voice ?? Number.NaN) - before) < 5);
  viewer.show('A');
  t.true(watch(8000) < MOST_MS);
});
