/**
 * The process that owns the shared server of a machine: `shared-server-guard.ts PROGRAM PORT IDLE_MS`. Started by
 * `shared-server.ts`, not by hand. It ends with the server, when nobody has been connected for the given time.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type NatsServer, startNatsServer } from './server.ts';

/** How often the number of connections is asked for, in ms. Shorter idle times than this are for tests. */
const POLL_MS = 1_000;
/** A count of connections that takes longer means that the server is not well, in ms. */
const COUNT_TIMEOUT_MS = 5_000;

/** The part that we read of nats-server's monitoring endpoint `/varz`. */
const generalInformation = z.object({ connections: z.int().nonnegative() });

const parameters = z.tuple([z.string(), z.coerce.number().int(), z.coerce.number().positive()]);

async function countConnections(server: NatsServer): Promise<number> {
  const response = await fetch(`${server.monitoringUrl}/varz`, { signal: AbortSignal.timeout(COUNT_TIMEOUT_MS) });
  return generalInformation.parse(await response.json()).connections;
}

async function untilIdle(server: NatsServer, idleMs: number): Promise<void> {
  let lastUsed = performance.now();
  while (server.pid !== undefined && performance.now() - lastUsed < idleMs) {
    await delay(Math.min(POLL_MS, idleMs / 4));
    if ((await countConnections(server)) > 0) lastUsed = performance.now();
  }
}

async function main(): Promise<void> {
  const [program, port, idleMs] = parameters.parse(process.argv.slice(2));
  await using server = await startNatsServer({ program, port });
  await untilIdle(server, idleMs);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`, () => process.exit(1));
});
