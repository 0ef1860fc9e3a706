import test from 'ava';
import { readSsrc } from '../../infra/rtp/header.ts';
import { SRTP_PROFILES } from '../../infra/srtp/profile.ts';
import { loadWerift, makeCertificate } from '../../infra/webrtc/certificate.ts';
import { WebRtcError } from '../../infra/webrtc/errors.ts';
import { rtpPacket } from '../rtp/packets.ts';
import { receiverReport } from '../srtp/keys.ts';
import { BarePage } from './bare-page.ts';
import { callLines, MID_NUMBER, PAYLOAD_TYPE, REPAIRED_RID_NUMBER, RID_NUMBER } from './offers.ts';

/** A packet with header extensions of one-byte form. */
function tagged(fields: Parameters<typeof rtpPacket>[0], elements: Readonly<Record<number, string>>): Buffer {
  const plain = Buffer.from(rtpPacket(fields));
  const values = Object.entries(elements).map(([number, text]) =>
    Buffer.concat([Buffer.of((Number(number) << 4) | (text.length - 1)), Buffer.from(text)]),
  );
  const bytes = Buffer.concat(values);
  const padded = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  const head = Buffer.of(0xbe, 0xde, 0, padded.length / 4);
  plain[0] = (plain[0] ?? 0) | 0x10;
  return Buffer.concat([plain.subarray(0, 12), head, padded, plain.subarray(12)]);
}

const VP8 = { payloadType: PAYLOAD_TYPE.vp8 };
const slotOf = ({ link }: BarePage, mid: string) => {
  const media = link.media.find((each) => each.mid === mid);
  return media?.direction === 'receive' ? media.ssrc : 0;
};

for (const profile of SRTP_PROFILES) {
  test(`${profile.name}: media and reports, both ways`, async (t) => {
    await using page = await BarePage.connected({ profiles: [profile] });
    await page.become('connected');
    page.sendRtp(tagged({ ...VP8, ssrc: 5, sequence: 1 }, { [MID_NUMBER]: '0', [RID_NUMBER]: 'l' }));
    page.sendRtcp(receiverReport(5));
    await page.check();
    t.deepEqual(page.media, [{ packet: Buffer.from(rtpPacket({ ...VP8, ssrc: 5, sequence: 1 })), mid: '0', rid: 'l' }]);
    t.deepEqual(page.reports, [Buffer.from(receiverReport(5))]);
    const packet = rtpPacket({ ...VP8, ssrc: slotOf(page, '2'), sequence: 7 });
    page.link.sendRtp(packet);
    t.deepEqual(await page.next(), packet);
    page.link.sendRtcp(receiverReport(6));
    t.deepEqual(await page.next(), Uint8Array.from(receiverReport(6)));
    t.like(page.link.counters, { rtpIn: 1, rtcpIn: 1, rtpOut: 1, rtcpOut: 1 });
  });
}

test('the first packets say of which m-line and layer an SSRC is; later ones need not', async (t) => {
  await using page = await BarePage.connected();
  const layers = { s: 5, l: 6 };
  for (const [rid, ssrc] of Object.entries(layers)) {
    page.sendRtp(tagged({ ...VP8, ssrc, sequence: 1 }, { [MID_NUMBER]: '0', [RID_NUMBER]: rid }));
  }
  for (const ssrc of Object.values(layers)) page.sendRtp(rtpPacket({ ...VP8, ssrc, sequence: 2 }));
  page.sendRtp(tagged({ payloadType: PAYLOAD_TYPE.opus, ssrc: 7, sequence: 1 }, { [MID_NUMBER]: '1' }));
  await page.check();
  const seen = page.media.map(({ packet, mid, rid }) => `${readSsrc(packet)} ${mid} ${rid}`);
  t.deepEqual(seen, ['5 0 s', '6 0 l', '5 0 s', '6 0 l', '7 1 null']);
  t.true(
    page.media.every(({ packet }) => (packet[0] ?? 0) === 0x80),
    'extensions are gone',
  );
});

test('what belongs nowhere is counted and dropped', async (t) => {
  await using page = await BarePage.connected();
  const strange = [
    rtpPacket({ ...VP8, ssrc: 10, sequence: 1 }),
    tagged({ ...VP8, ssrc: 11, sequence: 1 }, { [MID_NUMBER]: '0' }),
    tagged({ ...VP8, ssrc: 12, sequence: 1 }, { [MID_NUMBER]: '0', [RID_NUMBER]: 'x' }),
    tagged({ ...VP8, ssrc: 13, sequence: 1 }, { [MID_NUMBER]: '9', [RID_NUMBER]: 's' }),
    // A slot: the page does not send there.
    tagged({ ...VP8, ssrc: 14, sequence: 1 }, { [MID_NUMBER]: '2' }),
    tagged({ payloadType: PAYLOAD_TYPE.rtx, ssrc: 15, sequence: 1 }, { [MID_NUMBER]: '0', [RID_NUMBER]: 's' }),
    tagged({ ...VP8, ssrc: 16, sequence: 1 }, { [MID_NUMBER]: '0', [REPAIRED_RID_NUMBER]: 's' }),
  ];
  for (const packet of strange) page.sendRtp(packet);
  await page.check();
  t.deepEqual(page.media, []);
  t.is(page.link.counters.unknownSsrc, strange.length);
});

test('an m-line that is inactive takes nothing, and its SSRC is still known when it comes back', async (t) => {
  await using page = await BarePage.connected();
  const lines = callLines(1);
  const send = async (sequence: number) => {
    page.sendRtp(rtpPacket({ ...VP8, ssrc: 5, sequence }));
    await page.check();
    return page.media.length;
  };
  page.sendRtp(tagged({ ...VP8, ssrc: 5, sequence: 1 }, { [MID_NUMBER]: '0', [RID_NUMBER]: 's' }));
  t.is(await send(2), 2);
  await page.offer(lines.map((line) => (line.mid === '0' ? { ...line, direction: 'inactive' } : line)));
  t.is(await send(3), 2);
  await page.offer(lines);
  t.is(await send(4), 3);
});

test('only what the page expects is sent, and only when there is a page', async (t) => {
  await using page = await BarePage.open();
  const ssrc = slotOf(page, '2');
  page.link.sendRtp(rtpPacket({ ssrc, sequence: 1 }));
  page.link.sendRtcp(receiverReport(6));
  await page.check({ nominates: true });
  await page.shakeHands();
  await page.become('connected');
  page.link.sendRtp(rtpPacket({ ssrc: ssrc ^ 1, sequence: 1 }));
  page.link.sendRtp(Buffer.alloc(11, 0x80));
  page.link.sendRtcp(Buffer.alloc(4));
  t.like(page.link.counters, { notSent: 5, rtpOut: 0, rtcpOut: 0 });
});

test('a certificate that is not the one of the offer gets no media', async (t) => {
  await using page = await BarePage.open({ shown: await makeCertificate(await loadWerift()) });
  await page.check({ nominates: true });
  void page.shakeHands();
  await page.become('closed');
  t.deepEqual(page.states, ['closed']);
});

test('the right certificate without its key gets no media', async (t) => {
  // The certificate goes over the wire in the clear: whoever has seen it can show it.
  await using page = await BarePage.open({ signing: await makeCertificate(await loadWerift()) });
  await page.check({ nominates: true });
  void page.shakeHands();
  await page.become('closed');
  t.deepEqual(page.states, ['closed']);
});

test('a handshake in small pieces, each of them twice', async (t) => {
  const PIECE = 100;
  await using page = await BarePage.open({
    sendDtls: (datagram, send) => {
      const isPlain = datagram.readUInt8(0) === 22 && datagram.readUInt16BE(3) === 0;
      const body = datagram.subarray(25);
      if (!isPlain || body.length + 25 !== 13 + datagram.readUInt16BE(11) || body.length <= PIECE)
        return send(datagram);
      for (let at = 0; at < body.length; at += PIECE) {
        const part = body.subarray(at, at + PIECE);
        const head = Buffer.from(datagram.subarray(0, 25));
        head.writeUInt16BE(12 + part.length, 11);
        head.writeUIntBE(at, 19, 3);
        head.writeUIntBE(part.length, 22, 3);
        for (let copy = 0; copy < 2; copy++) send(Buffer.concat([head, part]));
      }
    },
  });
  await page.check({ nominates: true });
  await page.shakeHands();
  await page.become('connected');
  t.deepEqual(page.states, ['connected']);
});

test('an end without a word: 30 s without a check', async (t) => {
  let nowMs = 0;
  await using page = await BarePage.connected({ now: () => nowMs });
  await page.become('connected');
  nowMs = 20_000;
  await page.check();
  // Consent lasts until 50 s: an offer looks at the clock and no check has come since.
  nowMs = 49_999;
  await page.offer(callLines(1));
  nowMs = 50_000;
  await page.become('closed');
  t.is(page.link.state, 'closed');
});

test('closed is closed: it answers nothing, sends nothing, and closes once', async (t) => {
  await using page = await BarePage.connected();
  await page.become('connected');
  await Promise.all([page.link.close(), page.link.close()]);
  page.link.sendRtp(rtpPacket({ ssrc: slotOf(page, '2'), sequence: 1 }));
  t.deepEqual(page.states, ['connected', 'closed']);
  t.is(page.link.counters.notSent, 1);
  await t.throwsAsync(page.offer(callLines(1)), { instanceOf: WebRtcError, code: 'link.closed' });
});
