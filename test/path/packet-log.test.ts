/** What passes, from the thread that moves it to whoever measures. */
import test from 'ava';
import { Noting } from '../../infra/path/kept/noting.ts';
import { NOTED } from '../../infra/path/kept/packet-log.ts';
import { AddressBook } from '../../infra/path/table/addresses.ts';
import { rtpPacket } from '../rtp/packets.ts';

const BYTES = 60;
const HEADERS = 28;

function openAt(ports: readonly number[], book = 0) {
  const addresses = new AddressBook();
  const ids = Int32Array.from(ports, (port) => addresses.add({ host: '192.0.2.1', port }));
  const noting = new Noting();
  noting.want('all');
  const taken = () => {
    const packets: [string, number, number, number][] = [];
    noting.take({ addresses, book }, ({ what, place, sequence, bytes }) => {
      packets.push([what, place.port, sequence, bytes]);
    });
    return packets;
  };
  return { ids, log: noting.own, taken };
}

const packetOf = (sequence: number) => rtpPacket({ ssrc: 7, sequence, payload: new Uint8Array(BYTES - 12) });

test('a packet that leaves for many is noted once for each, whatever their number', (t) => {
  for (const count of [0, 1, 7, 8, 9, 16, 20]) {
    const ports = Array.from({ length: count }, (_, index) => 5000 + index);
    const { ids, log, taken } = openAt(ports);
    log.sent(ids, packetOf(3), BYTES, 1);
    log.sent(ids.subarray(0, 1), packetOf(4), BYTES, 2);
    const all = [...ports.map((port) => [port, 3]), ...ports.slice(0, 1).map((port) => [port, 4])];
    t.deepEqual(
      taken(),
      all.map(([port = 0, sequence = 0]) => ['sent', port, sequence, BYTES + HEADERS]),
      `${count}`,
    );
    t.deepEqual(taken(), []);
  }
});

test('what nobody reads in time is left out, and what comes after it has been read is not', (t) => {
  const { ids, log, taken } = openAt([5000, 5001]);
  for (let sequence = 0; sequence < 5000; sequence++) log.sent(ids, packetOf(sequence), BYTES, sequence);
  const most = 2 * 4096;
  t.is(taken().length, most);
  log.note(NOTED.RESENT, ids[1] ?? 0, packetOf(9), BYTES, 5000);
  t.deepEqual(taken(), [['resent', 5001, 9, BYTES + HEADERS]]);
});

test('numbers of another address book are nobody', (t) => {
  const { ids, log, taken } = openAt([5000], 1);
  log.sent(ids, packetOf(1), BYTES, 1);
  log.useBook(1);
  log.sent(ids, packetOf(2), BYTES, 2);
  t.deepEqual(taken(), [['sent', 5000, 2, BYTES + HEADERS]]);
});
