/** Is there a NATS server? Asked before connecting, because the client's own answer is slow and vague. */
import { connect } from 'node:net';
import type { NatsAddress } from './address.ts';

/**
 * - `server`: a NATS server greeted us.
 * - `nobody`: the host refused the connection: nothing listens there.
 * - `unreachable`: no answer in time, or no way to the host; `reason` says which.
 * - `stranger`: something listens, but it does not speak NATS.
 */
export type ProbeResult =
  | { readonly found: 'server' }
  | { readonly found: 'nobody' }
  | { readonly found: 'unreachable'; readonly reason: string }
  | { readonly found: 'stranger' };

/** What every NATS server sends first (NATS client protocol, INFO). */
const GREETING = 'INFO ';

/** Opens a TCP connection and waits up to `timeoutMs` for a NATS server's greeting. Never throws. */
export function probeNats(address: NatsAddress, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ host: address.host, port: address.port });
    let heard = '';
    const finish = (result: ProbeResult) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => finish({ found: 'unreachable', reason: `no answer in ${timeoutMs} ms` }), timeoutMs);
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      heard += chunk;
      if (heard.startsWith(GREETING)) finish({ found: 'server' });
      else if (!GREETING.startsWith(heard)) finish({ found: 'stranger' });
    });
    socket.on('end', () => finish({ found: 'stranger' }));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      finish(error.code === 'ECONNREFUSED' ? { found: 'nobody' } : { found: 'unreachable', reason: error.message });
    });
  });
}
