/** The receiver of the latency benchmark, in a process of its own; it talks to its parent by messages. */
import { z } from 'zod';
import { openPath } from '../../../infra/path/open.ts';
import { LOOPBACK_HOST } from '../../../infra/path/table/addresses.ts';
import { STAMP_AT } from './hops.ts';

const order = z.union([
  z.object({ sinks: z.array(z.object({ ssrc: z.int(), port: z.int() })) }),
  z.object({ forget: z.literal(true) }),
  z.object({ report: z.literal(true) }),
]);

const latencies = new Map<number, number[]>();

const path = await openPath({
  listen: { host: LOOPBACK_HOST, port: 0 },
  deliver: (packet, ssrc) => {
    const now = Number(process.hrtime.bigint()) / 1000;
    const sentAt = new DataView(packet.buffer, packet.byteOffset).getFloat64(STAMP_AT);
    latencies.get(ssrc)?.push(now - sentAt);
  },
  onRtcp: () => undefined,
  now: () => performance.now(),
});

process.on('message', (news) => {
  const told = order.parse(news);
  if ('sinks' in told) {
    const from = (port: number) => [{ host: LOOPBACK_HOST, port }];
    path.setTable({ routes: [], sinks: told.sinks.map(({ ssrc, port }) => ({ ssrc, from: from(port) })) });
    for (const { ssrc } of told.sinks) latencies.set(ssrc, []);
  } else if ('forget' in told) {
    for (const ssrc of latencies.keys()) latencies.set(ssrc, []);
  }
  process.send?.({ latencies: 'report' in told ? [...latencies].map(([ssrc, us]) => ({ ssrc, us })) : [] });
});
process.send?.({ port: path.bound.port });
