/** A connection of a page over which all that the network names changes again and again: it keeps no more than its newest. */
import test from 'ava';
import { SRTP_PROFILES } from '../../infra/srtp/profile.ts';
import { SrtpReceiver, SrtpSender } from '../../infra/srtp/srtp.ts';
import { HandshakePieces } from '../../infra/webrtc/handshake-pieces.ts';
import { IceLite } from '../../infra/webrtc/ice-lite.ts';
import { Negotiation } from '../../infra/webrtc/negotiation.ts';
import { readOffer } from '../../infra/webrtc/offer.ts';
import { StreamBinding } from '../../infra/webrtc/stream-binding.ts';
import { heldBytes } from '../actors/held-bytes.ts';
import { rtpPacket } from '../rtp/packets.ts';
import { masterKey, receiverReport } from '../srtp/keys.ts';
import { writeCheck } from './checks.ts';
import { CODECS, callLines, MID_NUMBER, offerOf, sequentialSsrcs } from './offers.ts';

/** More than any of the lists holds, and until the engine has compiled all of it. */
const WARM_UP = 4000;
const ROUNDS = 3000;
/** Forty bytes a round: less than the smallest thing that could be kept of each. */
const MOST_BYTES = 40 * ROUNDS;

/** A packet that says of which m-line it is. */
function boundPacket(ssrc: number): Buffer {
  const packet = Buffer.from(rtpPacket({ ssrc, sequence: 1, payloadType: 111 }));
  packet[0] = 0x90;
  const extension = Buffer.from(`bede0001${MID_NUMBER.toString(16)}0310000`, 'hex');
  return Buffer.concat([packet.subarray(0, 12), extension, packet.subarray(12)]);
}

/** The first ten bytes of a handshake message of a hundred. */
function piece(sequence: number): Buffer {
  const record = Buffer.alloc(13 + 12 + 10);
  record.set([22, 0xfe, 0xfd]);
  record.writeUInt16BE(22, 11);
  record.set([11, 0, 0, 100], 13);
  record.writeUInt16BE(sequence & 0xffff, 17);
  record.writeUIntBE(10, 22, 3);
  return record;
}

test('other sources, addresses, offers and broken handshakes without end leave nothing behind', (t) => {
  const [profile] = SRTP_PROFILES;
  const sender = new SrtpSender(masterKey(profile));
  const receiver = new SrtpReceiver(masterKey(profile));
  const negotiation = new Negotiation({ codecs: CODECS, randomSsrc: sequentialSsrcs() });
  const binding = new StreamBinding();
  const ice = new IceLite(0);
  const pieces = new HandshakePieces();
  let bound = 0;
  const round = (number: number) => {
    // Each offer stops the last line and puts another in its place.
    const [camera, voice] = callLines(0);
    if (camera === undefined || voice === undefined) return t.fail();
    const transport = { ufrag: `page${number}` };
    negotiation.take(
      readOffer(offerOf([camera, voice, { kind: 'video', mid: `m${number}`, stopped: true }], transport)),
    );
    negotiation.take(readOffer(offerOf([camera, voice, { kind: 'video', mid: `m${number + 1}` }], transport)));
    binding.setLines(negotiation.lines);
    if (binding.streamOf(boundPacket(number)) !== undefined) bound++;
    ice.begin({ ufrag: transport.ufrag, password: 'x'.repeat(24) }, number);
    const { ufrag, password } = ice.local ?? { ufrag: '', password: '' };
    ice.check(
      writeCheck({ username: `${ufrag}:${transport.ufrag}`, password, nominates: true }),
      { host: '127.0.0.1', port: 1 + number },
      number,
    );
    receiver.unprotectRtp(sender.protectRtp(rtpPacket({ ssrc: number, sequence: 1 })));
    receiver.unprotectRtcp(sender.protectRtcp(receiverReport(number)));
    pieces.take(piece(number));
  };
  for (let number = 0; number < WARM_UP; number++) round(number);
  const before = heldBytes();
  for (let number = WARM_UP; number < WARM_UP + ROUNDS; number++) round(number);
  const grown = heldBytes() - before;
  t.log(`${grown} bytes`);
  t.true(grown < MOST_BYTES);
  t.is(bound, WARM_UP + ROUNDS);
});
