/** Where RTCP to a plain endpoint goes: never to its RTP port unless it says so, and to no address that somebody else had before. */
import test from 'ava';
import { isAtAnothersAddress, rtcpPlaceOf } from '../../../machines/claimed-addresses.ts';
import type { Media } from '../../../machines/messages.ts';
import { withMember } from '../../../machines/view.ts';
import { member, viewOf } from '../members.ts';

const HOST = '192.168.1.9';
const A = member('A');
const plain = (id: string, port: number, rtcpPort?: number) =>
  member(id, { compatible: false, media: { host: HOST, port, ...(rtcpPort === undefined ? {} : { rtcpPort }) } });

function placeOf(media: Omit<Media, 'host'>, compatible = false) {
  const endpoint = member('D', { compatible, media: { host: HOST, ...media } });
  return rtcpPlaceOf(viewOf(A, endpoint), endpoint);
}

test('at the next port, or at the one that it names', (t) => {
  t.deepEqual(placeOf({ port: 5004 }), { host: HOST, port: 5005 });
  t.deepEqual(placeOf({ port: 5004, rtcpPort: 6001 }), { host: HOST, port: 6001 });
  t.is(placeOf({ port: 65_535 }), null, 'there is no next one');
});

test('at its RTP port only where it says that it takes both there', (t) => {
  t.is(placeOf({ port: 5004, rtcpPort: 5004 }), 'muxed');
  t.is(placeOf({ port: 5004 }, true), 'muxed', 'who speaks RPR always does');
});

test('nowhere, where somebody has been before', (t) => {
  const first = plain('D', 5004);
  for (const media of [5005, 6000, 7000]) {
    const second = plain('E', media === 5005 ? 6000 : media, media === 7000 ? 5004 : 5005);
    t.is(rtcpPlaceOf(viewOf(A, first, second), second), null);
    t.deepEqual(rtcpPlaceOf(viewOf(A, first, second), first), { host: HOST, port: 5005 }, 'the first keeps it');
  }
  const own = { ...plain('E', 6000), media: { ...A.media, port: 6000, rtcpPort: A.media.port } };
  t.is(rtcpPlaceOf(viewOf(A, own), own), null, 'nor to a member that speaks RPR');
});

test('whoever says that its media is where another takes RTCP is at another’s address', (t) => {
  const [first, second] = [plain('D', 5004), plain('E', 5005)];
  t.true(isAtAnothersAddress(viewOf(A, first, second), second));
  t.false(isAtAnothersAddress(viewOf(A, first, second), first));
  t.false(isAtAnothersAddress(viewOf(A, plain('D', 5004, 5004), second), second));
});

test('who names another’s port for RTCP while it runs comes after all others there', (t) => {
  const [first, second] = [plain('D', 5004, 5004), plain('E', 6004, 6004)];
  const moved = plain('D', 5004, 6004);
  const view = withMember(viewOf(A, first, second), moved);
  t.false(isAtAnothersAddress(view, second));
  t.is(rtcpPlaceOf(view, moved), null);
});
