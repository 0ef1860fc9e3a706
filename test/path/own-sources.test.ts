import test from 'ava';
import { OwnSources } from '../../infra/path/kept/own-sources.ts';
import { LOOPBACK, routeOf, rtpPacket } from './rig.ts';

const SSRC = 7;

test('an own packet out of order is stored, and the newest stays the newest', (t) => {
  const own = new OwnSources();
  own.follow({ routes: [routeOf(SSRC, null, [{ host: LOOPBACK, port: 9 }])], sinks: [] });
  for (const sequence of [1, 2, 3, 5, 4]) own.record(SSRC, rtpPacket({ ssrc: SSRC, sequence }), 0);
  t.is(own.newest(SSRC), 5);
  t.deepEqual(own.storedAfter(SSRC, 2, 0xffff, 0), [3, 4, 5]);
});
