/** Requests for key frames as bytes: as other implementations write and read them, and as nobody should. */
import test from 'ava';
import fc from 'fast-check';
import { PictureLossIndication, RtcpPacketConverter, RtcpPayloadSpecificFeedback } from 'werift-rtp';
import { readKeyFrameRequests, writeFullIntra, writePictureLoss } from '../../infra/rtcp/feedback.ts';
import { writeReport } from '../../infra/rtcp/reception-report.ts';

const MANY = 32;

test('werift-rtp reads a picture loss indication as it was meant', (t) => {
  const [read] = RtcpPacketConverter.deSerialize(Buffer.from(writePictureLoss(7, 0xffff_fffe)));
  const feedback = read instanceof RtcpPayloadSpecificFeedback ? read.feedback : undefined;
  t.true(feedback instanceof PictureLossIndication);
  t.like(feedback, { senderSsrc: 7, mediaSsrc: 0xffff_fffe });
});

test('a full intra request names each stream, with the number of the request', (t) => {
  const entries = [0, 0, 0, 5, 255, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
  const packet = [0x84, 206, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, ...entries];
  t.deepEqual(readKeyFrameRequests(Uint8Array.from(packet), MANY), [
    { ssrc: 5, number: 255 },
    { ssrc: 0xffff_ffff, number: 0 },
  ]);
});

test('werift-rtp reads a full intra request as it was meant', (t) => {
  const packet = writeFullIntra(7, 0xffff_fffe, 255);
  const [read] = RtcpPacketConverter.deSerialize(Buffer.from(packet));
  const feedback = read instanceof RtcpPayloadSpecificFeedback ? read.feedback : undefined;
  t.like(feedback, { senderSsrc: 7, mediaSsrc: 0, fir: [{ ssrc: 0xffff_fffe, sequenceNumber: 255 }] });
  t.deepEqual(readKeyFrameRequests(packet, MANY), [{ ssrc: 0xffff_fffe, number: 255 }]);
});

test('the request of older phones is one too', (t) => {
  t.deepEqual(readKeyFrameRequests(Uint8Array.from([0x80, 192, 0, 1, 0, 0, 1, 2]), MANY), [
    { ssrc: 258, number: null },
  ]);
});

test('requests are found behind reports, as many as are allowed; what is malformed ends the datagram', (t) => {
  const report = writeReport(1, null, []);
  const request = writePictureLoss(1, 9);
  const found = (...parts: readonly Uint8Array[]) =>
    readKeyFrameRequests(Buffer.concat(parts), 3).map(({ ssrc }) => ssrc);
  t.deepEqual(found(report, request, report, request), [9, 9]);
  t.deepEqual(found(request, request, request, request), [9, 9, 9]);
  const longer = Uint8Array.from(request);
  longer[3] = 9;
  t.deepEqual(found(request, longer, request), [9]);
  t.deepEqual(found(request.subarray(0, 8)), []);
});

test('whatever comes, reading it ends and finds no more than is allowed', (t) => {
  const datagram = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .tuple(fc.constantFrom(0x80, 0x81, 0x84, 0x9f), fc.constantFrom(192, 206), fc.uint8Array({ maxLength: 300 }))
      .map(([first, type, rest]) => Uint8Array.from([first, type, 0, Math.floor(rest.length / 4), ...rest])),
  );
  fc.assert(fc.property(datagram, (bytes) => readKeyFrameRequests(bytes, 4).length <= 4));
  t.pass();
});
