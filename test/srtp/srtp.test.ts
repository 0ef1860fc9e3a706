import test from 'ava';
import fc from 'fast-check';
import type { MasterKey } from '../../infra/srtp/profile.ts';
import { SrtpReceiver, SrtpSender } from '../../infra/srtp/srtp.ts';
import { rtpPacket } from '../rtp/packets.ts';
import { MASTER_KEYS, masterKey, receiverReport } from './keys.ts';

/** Sends one packet by `from`; what arrives. */
const passes = (from: SrtpSender, to: SrtpReceiver, sequence: number, ssrc = 7) =>
  to.unprotectRtp(from.protectRtp(rtpPacket({ sequence, ssrc })));

const isTaken = (outcome: Uint8Array | string) => typeof outcome !== 'string';

for (const key of MASTER_KEYS) {
  const { name } = key.profile;
  const both = (other: MasterKey = key) => [new SrtpSender(key), new SrtpReceiver(other)] as const;

  test(`${name}: whatever is protected comes out as it was`, (t) => {
    const [sender, receiver] = both();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1400 }), fc.integer({ min: 0, max: 3 }), (payload, contributors) => {
        const plain = rtpPacket({
          sequence: payload.length,
          ssrc: payload.length,
          payload: new Uint8Array(4 * contributors),
        });
        const packet = Buffer.concat([plain, payload]);
        packet[0] = 0x80 | contributors;
        const out = new SrtpReceiver(key).unprotectRtp(sender.protectRtp(packet));
        return Buffer.from(packet).equals(out as Uint8Array);
      }),
      { numRuns: 200 },
    );
    const report = receiverReport(9);
    t.deepEqual(receiver.unprotectRtcp(sender.protectRtcp(report)), Buffer.from(report));
  });

  test(`${name}: nothing of the payload can be read, nothing of the header is hidden`, (t) => {
    const [sender] = both();
    const packet = rtpPacket({ sequence: 1, payload: new Uint8Array(64).fill(0xaa) });
    const sealed = Buffer.from(sender.protectRtp(packet));
    t.deepEqual(sealed.subarray(0, 12), Buffer.from(packet.subarray(0, 12)));
    t.false(sealed.includes(Buffer.alloc(4, 0xaa)));
  });

  test(`${name}: one changed bit anywhere, or another key, and it is refused`, (t) => {
    const [sender] = both();
    const sealed = sender.protectRtp(rtpPacket({ sequence: 5 }));
    const report = sender.protectRtcp(receiverReport(9));
    for (let bit = 8; bit < 8 * sealed.length; bit++) {
      const changed = Buffer.from(sealed);
      changed[bit >>> 3] = (changed[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      t.false(isTaken(new SrtpReceiver(key).unprotectRtp(changed)), `bit ${bit}`);
    }
    for (let bit = 8; bit < 8 * report.length; bit++) {
      const changed = Buffer.from(report);
      changed[bit >>> 3] = (changed[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      t.false(isTaken(new SrtpReceiver(key).unprotectRtcp(changed)), `bit ${bit}`);
    }
    const [, stranger] = both(masterKey(key.profile, 2));
    t.is(stranger.unprotectRtp(sealed), 'not-authentic');
    t.is(stranger.unprotectRtcp(report), 'not-authentic');
  });

  test(`${name}: a packet is taken once, in whatever order they come`, (t) => {
    const [sender, receiver] = both();
    const sealed = Array.from({ length: 200 }, (_, at) =>
      sender.protectRtp(rtpPacket({ sequence: (65_500 + at) & 0xffff })),
    );
    const shuffled =
      fc.sample(fc.shuffledSubarray(sealed.slice(1), { minLength: 199 }), { numRuns: 1, seed: 1 })[0] ?? [];
    t.true(isTaken(receiver.unprotectRtp(sealed[0] ?? new Uint8Array())));
    for (const packet of shuffled) t.true(isTaken(receiver.unprotectRtp(packet)));
    for (const packet of sealed) t.is(receiver.unprotectRtp(packet), 'replayed');
    const report = sender.protectRtcp(receiverReport(9));
    t.true(isTaken(receiver.unprotectRtcp(report)));
    t.is(receiver.unprotectRtcp(report), 'replayed');
  });

  test(`${name}: what lies too far back is refused though it never came`, (t) => {
    const [sender, receiver] = both();
    const late = sender.protectRtp(rtpPacket({ sequence: 1000 }));
    passes(sender, receiver, 999);
    passes(sender, receiver, 1000 + 1024);
    t.is(receiver.unprotectRtp(late), 'replayed');
  });

  test(`${name}: a forged packet does not move the window`, (t) => {
    const [sender, receiver] = both();
    t.true(isTaken(passes(sender, receiver, 1)));
    const forged = Buffer.from(sender.protectRtp(rtpPacket({ sequence: 30_000 })));
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    t.is(receiver.unprotectRtp(forged), 'not-authentic');
    t.true(isTaken(passes(sender, receiver, 2)));
  });

  for (const lost of [100, 5000, 30_000]) {
    test(`${name}: ${lost} packets lost where the sequence number wraps around, again and again`, (t) => {
      const [sender, receiver] = both();
      const from = 65_536 - Math.floor(lost / 2);
      for (let cycle = 0; cycle < 5; cycle++) {
        t.true(isTaken(passes(sender, receiver, from)));
        for (let skipped = 1; skipped < lost; skipped += 1000) {
          sender.protectRtp(rtpPacket({ sequence: (from + skipped) & 0xffff }));
        }
        t.true(isTaken(passes(sender, receiver, (from + lost) & 0xffff)));
        for (let sequence = from + lost - 65_536; sequence < from; sequence += 20_000)
          passes(sender, receiver, sequence);
      }
    });
  }

  test(`${name}: a retransmission from before the wrap is protected as it was`, (t) => {
    const sender = new SrtpSender(key);
    const first = sender.protectRtp(rtpPacket({ sequence: 65_535 }));
    sender.protectRtp(rtpPacket({ sequence: 0 }));
    t.deepEqual(sender.protectRtp(rtpPacket({ sequence: 65_535 })), first);
  });

  test(`${name}: sources do not disturb one another, and only the most recent are remembered`, (t) => {
    const [sender, receiver] = both();
    const first = sender.protectRtp(rtpPacket({ sequence: 1, ssrc: 1 }));
    const used = sender.protectRtp(rtpPacket({ sequence: 1, ssrc: 2 }));
    for (const packet of [first, used]) t.true(isTaken(receiver.unprotectRtp(packet)));
    for (let ssrc = 3; ssrc < 300; ssrc++) {
      t.true(isTaken(passes(sender, receiver, 65_000, ssrc)));
      t.is(receiver.unprotectRtp(used), 'replayed');
    }
    t.true(isTaken(receiver.unprotectRtp(first)), 'forgotten');
  });

  test(`${name}: junk is refused, and nothing is thrown`, (t) => {
    const [sender, receiver] = both();
    const sealed = [sender.protectRtp(rtpPacket({ sequence: 1 })), sender.protectRtcp(receiverReport(1))];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (junk) => {
        t.false(isTaken(receiver.unprotectRtp(junk)));
        t.false(isTaken(receiver.unprotectRtcp(junk)));
      }),
    );
    for (const packet of sealed) {
      for (let length = 0; length < packet.length; length++) {
        const cut = packet.subarray(0, length);
        t.false(isTaken(receiver.unprotectRtp(cut)));
        t.false(isTaken(receiver.unprotectRtcp(cut)));
      }
    }
    // Header fields that promise more than there is.
    for (const first of [0x8f, 0x90, 0x9f]) {
      const packet = Buffer.alloc(40, 0xff);
      packet[0] = first;
      t.is(receiver.unprotectRtp(packet), 'malformed');
    }
    t.true(isTaken(receiver.unprotectRtp(sealed[0] ?? new Uint8Array())));
  });
}
