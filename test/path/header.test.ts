import test from 'ava';
import fc from 'fast-check';
import { RtpHeader, RtpPacket } from 'werift-rtp';
import * as header from '../../infra/rtp/header.ts';

test('fields are read as werift-rtp writes them', (t) => {
  const fields = fc.record({
    sequenceNumber: fc.integer({ min: 0, max: 0xffff }),
    timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
    ssrc: fc.integer({ min: 0, max: 0xffff_ffff }),
    payloadType: fc.integer({ min: 0, max: 63 }),
    marker: fc.boolean(),
    csrc: fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { maxLength: 15 }),
  });
  fc.assert(
    fc.property(fields, (given) => {
      const packet = new RtpPacket(
        new RtpHeader({ ...given, csrcLength: given.csrc.length }),
        Buffer.alloc(3),
      ).serialize();
      t.is(header.readVersion(packet), 2);
      t.is(header.readSequence(packet), given.sequenceNumber);
      t.is(header.readTimestamp(packet), given.timestamp);
      t.is(header.readSsrc(packet), given.ssrc);
      t.is(header.readSsrcKey(packet), header.ssrcKey(given.ssrc));
      t.is(header.readPayloadType(packet), given.payloadType);
      t.is(header.readMarker(packet), given.marker);
      t.false(header.isRtcp(packet));
      t.true(header.hasWholeHeader(packet, packet.length));
      t.false(header.hasWholeHeader(packet, packet.length - 4));
    }),
    { seed: 5, numRuns: 300 },
  );
});

test('RTCP is told by its type, whatever the rest', (t) => {
  const types = Array.from({ length: 256 }, (_, type) => type);
  t.deepEqual(
    types.filter((type) => header.isRtcp(Uint8Array.of(0x80, type))),
    types.filter((type) => type >= 192 && type <= 223),
  );
});
