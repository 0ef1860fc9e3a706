/** Whoever can send to the port, but is not the page: everything is counted, nothing changes. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { LINK_COUNTERS } from '../../infra/webrtc/contract.ts';
import { seededRandom } from '../planning/rooms.ts';
import { rtpPacket } from '../rtp/packets.ts';
import { BarePage } from './bare-page.ts';
import { writeCheck } from './checks.ts';
import { PAYLOAD_TYPE } from './offers.ts';

/** First bytes of STUN, DTLS, RTP, and of nothing (RFC 7983). */
const FIRST_BYTES = [0x00, 0x01, 0x14, 0x15, 0x16, 0x17, 0x80, 0x90, 0x81, 0x40, 0xff];
const JUNK = 600;

function junk(seed: number): Buffer[] {
  const random = seededRandom(seed);
  return Array.from({ length: JUNK }, (_, at) => {
    const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 80) }, () => Math.floor(random() * 256)));
    if (bytes.length > 0) bytes[0] = FIRST_BYTES[at % FIRST_BYTES.length] ?? 0;
    return bytes;
  });
}

/** An alert as anybody can write it: fatal, handshake_failure. */
const ALERT = Buffer.from('15fefd0000000000000005000202 28'.replace(' ', ''), 'hex');
const CLOSE_NOTIFY = Buffer.from('15fefd00010000000000200002010000000000000000000000', 'hex');
/** A ClientHello of which only the outside is right. */
const CLIENT_HELLO = Buffer.from(`16fefd0000000000000001000e010000020000000000000002fefd`, 'hex');

const total = ({ link }: BarePage) => LINK_COUNTERS.reduce((sum, name) => sum + link.counters[name], 0);

/** Whether media still comes through. */
async function works(t: ExecutionContext, page: BarePage): Promise<void> {
  const before = page.received.length;
  const media = page.link.media.find(({ direction }) => direction === 'receive');
  const ssrc = media?.direction === 'receive' ? media.ssrc : 0;
  page.link.sendRtp(rtpPacket({ ssrc, sequence: 1, payloadType: PAYLOAD_TYPE.vp8 }));
  await page.next();
  t.is(page.received.length, before);
  t.deepEqual(page.states, ['connected']);
}

test('a stranger sends junk, and what it has overheard', async (t) => {
  await using page = await BarePage.connected();
  await page.become('connected');
  const overheard: Buffer[] = [];
  const send = page.send.bind(page);
  page.send = (datagram) => {
    overheard.push(Buffer.from(datagram));
    send(datagram);
  };
  page.sendRtp(rtpPacket({ ssrc: 5, sequence: 1 }));
  await page.check();
  const before = total(page);
  const stranger = createSocket('udp4');
  stranger.bind(0, '127.0.0.1');
  await once(stranger, 'listening');
  const sent = [
    ...junk(1),
    ...overheard.slice(0, 1),
    ALERT,
    CLOSE_NOTIFY,
    CLIENT_HELLO,
    writeCheck({ username: 'a:b', password: 'c' }),
  ];
  await Promise.all(
    sent.map((datagram) => new Promise<void>((sent) => stranger.send(datagram, page.port, '127.0.0.1', () => sent()))),
  );
  await new Promise<void>((resolve) => stranger.close(() => resolve()));
  await page.check();
  t.is(total(page), before + sent.length + 1);
  t.is(page.link.counters.stunIn, 3);
  t.deepEqual(page.media, []);
  await works(t, page);
});

test("even from the page's own address it is only counted, before the handshake and after it", async (t) => {
  await using page = await BarePage.open();
  await page.check({ nominates: true });
  for (const datagram of [...junk(2), ALERT, CLOSE_NOTIFY]) page.send(datagram);
  await page.check();
  t.deepEqual(page.states, []);
  await page.shakeHands();
  await page.become('connected');
  const before = total(page);
  const sent = [...junk(3), ALERT, CLOSE_NOTIFY, CLIENT_HELLO];
  for (const datagram of sent) page.send(datagram);
  await page.check();
  t.is(total(page), before + sent.length + 1);
  t.deepEqual([page.media, page.reports], [[], []]);
  await works(t, page);
});

test('a packet of the page that comes again is not taken again', async (t) => {
  await using page = await BarePage.connected();
  await page.become('connected');
  const send = page.send.bind(page);
  page.send = (datagram) => {
    send(datagram);
    send(datagram);
  };
  page.sendRtp(rtpPacket({ ssrc: 5, sequence: 1 }));
  await page.check();
  t.like(page.link.counters, { unknownSsrc: 1, replayed: 1 });
});
