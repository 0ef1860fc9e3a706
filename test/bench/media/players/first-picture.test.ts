/** When the benchmark takes the first picture for shown. */
import test from 'ava';
import { FirstPicture, type SeenStart } from './first-picture.ts';

/** Two frames of three packets each, of which the second is a key frame. */
const ALL: readonly SeenStart[] = Array.from({ length: 6 }, (_, index) => ({
  sequence: index,
  timestamp: 3000 * Math.floor(index / 3),
  marker: index % 3 === 2,
  startsKeyFrame: index === 3,
}));

/** The sequence numbers of the packets with which a picture is there, where they come in this order. */
function shownWith(order: readonly number[]): number[] {
  const picture = new FirstPicture();
  return order.filter((index) => {
    const packet = ALL[index];
    return packet !== undefined && picture.take(packet);
  });
}

test('the picture is there with the last packet of a key frame, not with that of another', (t) => {
  t.deepEqual(shownWith([0, 1, 2, 3, 4, 5]), [5]);
});

test('whichever of its packets comes last', (t) => {
  t.deepEqual(shownWith([5, 4, 3]), [3]);
  t.deepEqual(shownWith([3, 3, 5, 5, 4]), [4]);
});

test('there is none while a packet is missing', (t) => {
  t.deepEqual(shownWith([0, 3, 5]), []);
  t.deepEqual(shownWith([3, 4]), []);
  t.deepEqual(shownWith([4, 5]), []);
});
