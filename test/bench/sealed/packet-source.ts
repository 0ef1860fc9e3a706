/**
 * A process that sends packets of one stream, sealed or not, so that all the processor time of the process that takes them is that one's.
 * It is told by one message what to send, and says when that has left.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { SEAL_BYTES, StreamSealer } from '../../../infra/srtp/stream-seal.ts';
import { rtpPacket } from '../../path/rig.ts';

export interface Sending {
  readonly port: number;
  readonly ssrc: number;
  readonly first: number;
  readonly count: number;
  readonly payload: number;
  /** In base64; null: in the clear. */
  readonly key: string | null;
}

/** So many at once, then a moment's rest: no receive buffer overflows. */
const BURST = 20;
const REST_MS = 2;

async function send({ port, ssrc, first, count, payload, key }: Sending): Promise<void> {
  const sealer = key === null ? null : new StreamSealer(Buffer.from(key, 'base64'), 0);
  for (let sent = 0; sent < count; sent++) {
    const packet = rtpPacket({ ssrc, sequence: (first + sent) & 0xffff, payload });
    if (sealer === null) socket.send(packet, port, '127.0.0.1');
    else {
      const sealed = Buffer.alloc(packet.length + SEAL_BYTES);
      sealer.seal(packet, first + sent, sealed);
      socket.send(sealed, port, '127.0.0.1');
    }
    if (sent % BURST === BURST - 1) await delay(REST_MS);
  }
}

const socket = createSocket('udp4');
socket.bind(0, '127.0.0.1');
await once(socket, 'listening');
process.on('message', (sending: Sending) => void send(sending).then(() => process.send?.('sent')));
process.on('disconnect', () => process.exit());
process.send?.(socket.address().port);
