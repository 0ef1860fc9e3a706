/**
 * A process that sends packets of one stream, sealed or not, tells what it has sent where they are sealed, and takes what others send, so that
 * all the processor time of the process that is measured is that one's. It is told by one message what to send, and says when that has left.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { SentDigests } from '../../../actors/media/digests/sent-digests.ts';
import { freshIdentity, signed } from '../../../infra/crypto/identity-key.ts';
import { SEAL_BYTES, StreamSealer } from '../../../infra/srtp/stream-seal.ts';
import { LOOPBACK, rtpPacket } from '../../path/rig.ts';
import { TOLD_AT_ONCE } from './contract.ts';

export interface Sending {
  readonly port: number;
  readonly ssrc: number;
  /** Index of the first. */
  readonly first: number;
  readonly count: number;
  readonly payload: number;
  /** In base64; null: in the clear. */
  readonly key: string | null;
}

/** What this process says first. */
export interface PacketSource {
  readonly port: number;
  /** Where it takes packets, and does nothing with them. */
  readonly takesAt: number;
  /** By which what it says it has sent is signed. */
  readonly publicKey: string;
}

/** So many at once, then a moment's rest: no receive buffer overflows. */
const BURST = 20;
const REST_MS = 2;

async function send({ port, ssrc, first, count, payload, key }: Sending): Promise<void> {
  const sealer = key === null ? null : new StreamSealer(Buffer.from(key, 'base64'), 0);
  digests.follow(new Set([ssrc]));
  for (let index = first; index < first + count; index++) {
    const packet = rtpPacket({ ssrc, sequence: index & 0xffff, payload });
    if (sealer === null) socket.send(packet, port, LOOPBACK);
    else {
      const sealed = Buffer.alloc(packet.length + SEAL_BYTES);
      sealer.seal(packet, index, sealed);
      socket.send(sealed, port, LOOPBACK);
      digests.sent(ssrc, index, sealed);
      if ((index + 1) % TOLD_AT_ONCE === 0)
        for (const { bytes } of digests.write(ssrc, index)) socket.send(bytes, port, LOOPBACK);
    }
    if (index % BURST === BURST - 1) await delay(REST_MS);
  }
}

async function bound() {
  const socket = createSocket('udp4');
  socket.bind(0, LOOPBACK);
  await once(socket, 'listening');
  return socket;
}

const identity = freshIdentity();
const digests = new SentDigests((bytes) => signed(identity, bytes));
const socket = await bound();
const taking = await bound();
process.on('message', (sending: Sending) => void send(sending).then(() => process.send?.('sent')));
process.on('disconnect', () => process.exit());
const said: PacketSource = {
  ...{ port: socket.address().port, takesAt: taking.address().port },
  publicKey: identity.publicKey,
};
process.send?.(said);
