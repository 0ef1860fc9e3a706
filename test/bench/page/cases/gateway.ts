/** What the gateway between page and peer costs: as many tiles as a page shows, small; and one large picture each way. */
import type { PageCase } from '../contract.ts';
import { rounded } from '../figures.ts';
import { type GatewayLoad, measureGateway } from './gateway-load.ts';

const MANY: GatewayLoad = { tiles: 25, bps: 300_000, size: { width: 320, height: 180 } };
const LARGE: GatewayLoad = { tiles: 1, bps: 1_200_000, size: { width: 640, height: 360 } };

export const GATEWAY_MANY = gatewayCase('gateway-25x300k', '<= 12 % of a core', MANY);
export const GATEWAY_LARGE = gatewayCase('gateway-1.2M', '<= 8 % of a core', LARGE);

function gatewayCase(name: string, goal: string, load: GatewayLoad): PageCase {
  return {
    ...{ name, goal },
    async measure({ seconds, say }) {
      const cost = await measureGateway(load, 1000 * seconds);
      const perPacket = (1e6 * cost.processor) / (cost.packetsIn + cost.packetsOut);
      say(
        `${perPacket.toFixed(1)} us a packet, ${cost.packetsOut.toFixed(0)} packets/s out, ${cost.packetsIn.toFixed(0)} in, ` +
          `${(cost.tileBps / 1000).toFixed(0)} kbit/s a tile, ${cost.framesPerSecond.toFixed(1)} frames/s`,
      );
      return { value: rounded(100 * cost.processor, 1), unit: '% of a core' };
    },
  };
}
