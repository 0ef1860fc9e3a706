/**
 * Has a router map a UDP port to us, as a peer does, and tells each mapping as a line of JSON; ends when it is told to, and takes the
 * mapping away then. Arguments: the port, and the one method to use.
 */
import { PortMapping } from '../../../actors/reach/addresses/port-mapping.ts';
import { GatewayClient } from '../../../infra/mapping/gateway-client.ts';

const [port, method] = process.argv.slice(2);
const startMs = performance.now();

const mapping = PortMapping.open({
  port: Number(port),
  onMapped: (mapped) => {
    if (mapped !== null)
      process.stdout.write(`${JSON.stringify({ ...mapped, afterMs: performance.now() - startMs })}\n`);
  },
  say: () => undefined,
  openClient: async (options) => {
    const client = await GatewayClient.open(options);
    return {
      ask: (question) => {
        if (question.method === method) client.ask(question);
      },
      drops: client.drops,
      close: () => client.close(),
    };
  },
});
const untilTold = setInterval(() => undefined, 60_000);

process.once('SIGTERM', () => {
  clearInterval(untilTold);
  void mapping.close();
});
