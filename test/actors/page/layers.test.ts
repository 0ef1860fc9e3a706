/** From the height of a tile to the layer that comes: what the page asks for, what the peer wants, what the room's plan gives. */
import test from 'ava';
import { shownSlots } from '../../../actors/page/app/state/slots.ts';
import { tilesOf } from '../../../actors/page/app/state/tiles.ts';
import { type AnsweredTrack, placesOf } from '../../../actors/page/own-tracks.ts';
import { wantsOf } from '../../../actors/page/wants.ts';
import { type PlanStream, planRoom } from '../../../machines/plan.ts';
import { member, stream } from '../../page-app/members.ts';

const MBIT = 1_000_000;
const CAMERA: AnsweredTrack = {
  ...{ mid: '0', stream: 'camera', layers: ['s', 'l'].map((rid) => ({ rid, maxHeight: 720 })) },
  format: { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: '' },
};
const STREAMS = [...placesOf([CAMERA]).values()].map(
  ({ stream: { name, format, bitrate, group, layer } }): PlanStream => ({
    ...{ name, media: format.media, ...bitrate, layer },
    ...(group !== null && { group }),
  }),
);

/** What each of the viewers of A's camera gets whose tiles are so high; null: the tile is out of sight. */
function layersOf(upload: number, heights: readonly (number | null)[]) {
  const viewers = heights.map((height, index) => {
    const tile = tilesOf([member('A', [stream('camera')])])[0];
    const tiles = new Map(tile === undefined ? [] : [[tile.id, tile]]);
    const seen = new Map(tile === undefined || height === null ? [] : [[tile.id, height]]);
    const looking = { heights: seen, paused: [], voicesOnly: false };
    const slots = shownSlots([...tiles.keys()], [{ video: '2', audio: '3' }], tiles, looking);
    return { id: `V${index}`, uploadBps: 0, wants: wantsOf(slots, () => true) };
  });
  const plan = planRoom({ headroom: 1, peers: [{ id: 'A', uploadBps: upload, streams: STREAMS }, ...viewers] });
  const layer = (id: string) => plan.routes.find(({ receivers }) => receivers.includes(id))?.stream ?? null;
  return { layers: viewers.map(({ id }) => layer(id)), rates: plan.rates };
}

test('small tiles get the low layer, larger ones the high one, and what is out of sight does not come', (t) => {
  const { layers, rates } = layersOf(10 * MBIT, [120, 180, 360, 720, 1080, null]);
  t.deepEqual(layers, ['camera-small', 'camera-small', 'camera-large', 'camera-large', 'camera-large', null]);
  t.deepEqual(rates, { 'A/camera-small': 200_000, 'A/camera-large': 1_500_000 });
});

test('where the upload is too little for the high layer all get the low one, or all but one', (t) => {
  t.deepEqual(layersOf(0.2 * MBIT, [360, 720, 1080]).layers, ['camera-small', 'camera-small', 'camera-small']);
  const { layers } = layersOf(0.8 * MBIT, [360, 720, 1080]);
  t.deepEqual(layers.sort(), ['camera-large', 'camera-small', 'camera-small']);
});

test('a layer that nobody needs rests', (t) => {
  t.is(layersOf(10 * MBIT, [720, 720]).rates['A/camera-small'], 0);
  t.is(layersOf(10 * MBIT, [120, 120]).rates['A/camera-large'], 0);
  t.deepEqual(Object.values(layersOf(10 * MBIT, [null]).rates), [0, 0]);
});
