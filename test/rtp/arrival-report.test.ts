/** RFC 8888 reports against bytes made by hand from its section 3.1. */
import test from 'ava';
import {
  type ArrivalReport,
  msBetween,
  ROOM_FOR_STREAMS,
  readArrivalReports,
  streamBytes,
  writeArrivalReport,
} from '../../infra/rtcp/arrival-report.ts';

/** Numbers 65535, 0 and 1 of one stream, of which 0 is missing; then one packet of another. */
const TWO_STREAMS = [
  '8bcd0009', // version 2, format 11, type 205, ten words
  '00000001', // who reports
  '12345678', // the first stream
  'ffff0003', // three packets from 65535 on, around the end of the numbers
  '84000000', // came 0x400 = 1024 units before: a second; has not come
  '80000000', // came this moment; padding to a whole word
  '00000009', // the second stream
  '00070001',
  '9ffe0000', // came longer ago than can be said
  '00018000', // 1.5 s
].join('');

const REPORT: ArrivalReport = {
  senderSsrc: 1,
  shortNtp: 0x1_8000,
  streams: [
    { ssrc: 0x1234_5678, first: 65_535, arrivals: [1000, 'missing', 0] },
    { ssrc: 9, first: 7, arrivals: ['came'] },
  ],
};

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

test('reads the bytes of the RFC', (t) => {
  t.deepEqual(readArrivalReports(bytesOf(TWO_STREAMS)), [REPORT]);
});

test('writes the same bytes, but for a time that is not known', (t) => {
  const written = Buffer.from(writeArrivalReport(REPORT)).toString('hex');
  t.is(written, TWO_STREAMS.replace('9ffe', '9fff'));
});

test('a packet that came long ago is told to have come, and so is one that came after the report', (t) => {
  const arrivals = [8000, 60_000, -1];
  const packet = writeArrivalReport({ senderSsrc: 1, shortNtp: 0, streams: [{ ssrc: 2, first: 3, arrivals }] });
  t.is(Buffer.from(packet).toString('hex', 16, 22), '9ffe9ffe9fff');
  t.deepEqual(readArrivalReports(packet)[0]?.streams[0]?.arrivals, ['came', 'came', 'came']);
});

test('a block about nothing is no stream', (t) => {
  const nothing = bytesOf('8bcd0004' + '00000001' + '12345678' + '00050000' + '00018000');
  t.deepEqual(readArrivalReports(nothing), [{ senderSsrc: 1, shortNtp: 0x1_8000, streams: [] }]);
  const noBlocks = bytesOf('8bcd0002' + '00000001' + '00018000');
  t.deepEqual(readArrivalReports(noBlocks), [{ senderSsrc: 1, shortNtp: 0x1_8000, streams: [] }]);
});

test('what is not what its lengths say is no report', (t) => {
  const withLength = (words: string) => bytesOf(TWO_STREAMS.replace('8bcd0009', `8bcd${words}`));
  t.deepEqual(readArrivalReports(withLength('000a')), []);
  t.deepEqual(readArrivalReports(withLength('0008')), []);
  t.deepEqual(readArrivalReports(bytesOf(TWO_STREAMS.replace('ffff0003', 'ffffffff'))), []);
  t.deepEqual(readArrivalReports(bytesOf(TWO_STREAMS.replace('00070001', '00070003'))), []);
  t.deepEqual(readArrivalReports(bytesOf('8bcd0001' + '00000001')), []);
  for (let length = 0; length < TWO_STREAMS.length / 2; length++) {
    t.deepEqual(readArrivalReports(bytesOf(TWO_STREAMS).subarray(0, length)), [], `${length} bytes`);
  }
});

test('other feedback, padding and other versions are passed over, and what follows them is read', (t) => {
  const nack = '81cd0003000000010000000200050000';
  t.deepEqual(readArrivalReports(bytesOf(nack + TWO_STREAMS)), [REPORT]);
  t.deepEqual(readArrivalReports(bytesOf(TWO_STREAMS.replace('8bcd', 'abcd'))), []);
  t.deepEqual(readArrivalReports(bytesOf(TWO_STREAMS.replace('8bcd', '4bcd'))), []);
});

test('as many packets as a datagram has room for are told, to the unit', (t) => {
  const arrivals = Array.from({ length: 586 }, (_, index) => (index % 7 === 0 ? ('missing' as const) : index / 1.024));
  t.is(streamBytes(arrivals.length), ROOM_FOR_STREAMS - 8);
  const report = { senderSsrc: 1, shortNtp: 2, streams: [{ ssrc: 3, first: 65_400, arrivals }] };
  t.deepEqual(readArrivalReports(writeArrivalReport(report)), [report]);
});

test('the time between two reports is right around the end of the timestamp', (t) => {
  t.is(msBetween(0xffff_8000, 0x8000), 1000);
  t.is(msBetween(0x8000, 0xffff_8000), -1000);
});
