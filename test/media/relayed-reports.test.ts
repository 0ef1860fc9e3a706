/** Sender reports on their way through a relay, to those who get the stream no other way. */
import test from 'ava';
import type { AddressedTable } from '../../actors/media/addressed-table.ts';
import { RelayedReports } from '../../actors/media/reports/relayed-reports.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import { readSenderReports, writeReport } from '../../infra/rtcp/reception-report.ts';
import { readCnames } from '../../infra/rtcp/source-description.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { addressedAt } from '../actors/transport-members.ts';

const CAMERA = 11;
const BLOCK = {
  ...{ ssrc: 1, fractionLost: 0, packetsLost: 0, highestSequence: 1 },
  ...{ jitter: 0, lastReport: 0, delaySinceLastReport: 0 },
};
const REPORT = writeReport(CAMERA, { unixMs: 1_800_000_000_000, rtpTimestamp: 9, packets: 5, bytes: 50 }, [BLOCK]);

const at = (port: number): Endpoint => ({ host: '10.0.0.1', port });
const [B, C, D] = [at(5002), at(5003), at(5004)];

/** The camera of C is relayed to B and D. */
const TABLE: AddressedTable = {
  relayed: [
    {
      ...{ client: 'C', stream: 'camera', ssrc: CAMERA, media: 'video', upstream: C, promisedBps: 1, limitBps: 1 },
      from: [C],
      legs: [
        { receiver: 'B', slices: ALL_SLICES, address: B },
        { receiver: 'D', slices: ALL_SLICES, address: D },
      ],
    },
  ],
  members: [addressedAt('B', B), addressedAt('C', C), addressedAt('D', D)],
  ...{ own: [], relays: [], plain: 'local' as const, resendLimitBps: 0, paceBps: 0 },
};

function start(table = TABLE) {
  const sent: { readonly datagram: Uint8Array; readonly to: number }[] = [];
  const reports = new RelayedReports({ sendTo: (datagram, to) => void sent.push({ datagram, to: to.port }) });
  reports.follow(table);
  return { reports, sent };
}

test('what its owner says of a stream goes to all who get it from here, with the name of its owner and without what that receives', (t) => {
  const { reports, sent } = start();
  reports.pass('C', CAMERA, REPORT, 'studio', 1000);
  t.deepEqual(
    sent.map(({ to }) => to),
    [B.port, D.port],
  );
  const [{ datagram } = { datagram: new Uint8Array() }] = sent;
  const [told] = readSenderReports(datagram, 8);
  t.like(told, { ssrc: CAMERA, unixMs: 1_800_000_000_000, rtpTimestamp: 9 });
  t.is(told?.report.length, 28);
  t.is(readCnames(datagram).get(CAMERA), 'studio');
});

test('nothing is passed on of who is not its client, of what is not relayed, nor more often than members report', (t) => {
  const { reports, sent } = start();
  reports.pass('D', CAMERA, REPORT, '', 1000);
  reports.pass('C', 99, REPORT, '', 1000);
  t.deepEqual(sent, []);
  for (let ms = 1000; ms < 3000; ms += 10) reports.pass('C', CAMERA, REPORT, '', ms);
  t.is(sent.length, 2 * 4);
});

test('a member may tell the time of another one to which no way leads, and of nobody else', (t) => {
  const away = { ...addressedAt('A', at(5001)), address: null };
  const plain = addressedAt('P', at(5005), [], false);
  const { reports } = start({ ...TABLE, members: [...TABLE.members, away, plain] });
  t.true(reports.mayTell('B', 'A'));
  t.false(reports.mayTell('B', 'C'));
  t.false(reports.mayTell('P', 'A'));
  t.false(reports.mayTell('X', 'A'));
});
