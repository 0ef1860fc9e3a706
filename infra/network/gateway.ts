/** The router by which this machine reaches other networks. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { promisify } from 'node:util';
import { ownAddressTowards } from './own-address.ts';
import { isUnicast } from './scope.ts';

/** IPv4 addresses both. */
export interface Gateway {
  readonly host: string;
  /** Ours on the way to it. */
  readonly own: string;
}

/** Such a program reads a table of the kernel: it takes some milliseconds, or it hangs. */
const PROGRAM_TIMEOUT_MS = 2000;

const run = promisify(execFile);

/** @returns null where there is none, or this system does not tell */
export async function findGateway(): Promise<Gateway | null> {
  try {
    const host = await defaultRoute(process.platform);
    return host === null || !isUnicast(host) ? null : { host, own: await ownAddressTowards(host) };
  } catch {
    // No network, or no such program: there is no router that could be asked.
    return null;
  }
}

async function defaultRoute(platform: NodeJS.Platform): Promise<string | null> {
  const options = { timeout: PROGRAM_TIMEOUT_MS };
  switch (platform) {
    case 'linux':
      return gatewayOfProcNet(await readFile('/proc/net/route', 'latin1'));
    case 'darwin':
      return gatewayOfRouteGet((await run('/sbin/route', ['-n', 'get', 'default'], options)).stdout);
    case 'win32':
      return gatewayOfRoutePrint((await run('route', ['print', '-4', '0.0.0.0'], options)).stdout);
    default:
      return null;
  }
}

/** RTF_UP and RTF_GATEWAY of linux/route.h. */
const ROUTE_UP_BY_GATEWAY = 0x3;
const DEFAULT_ROUTE = '00000000';

/** Linux: `/proc/net/route`, addresses as hexadecimal numbers in the order of the machine's bytes, which is little-endian. */
export function gatewayOfProcNet(table: string): string | null {
  const routes = table
    .split('\n')
    .map((line) => line.split(/\s+/))
    .filter(([, destination, , flags, , , , mask]) => {
      const isUp = (Number.parseInt(flags ?? '', 16) & ROUTE_UP_BY_GATEWAY) === ROUTE_UP_BY_GATEWAY;
      return destination === DEFAULT_ROUTE && mask === DEFAULT_ROUTE && isUp;
    })
    .sort((a, b) => Number(a[6]) - Number(b[6]));
  const gateway = routes[0]?.[2];
  if (gateway === undefined || !/^[0-9A-F]{8}$/i.test(gateway)) return null;
  return [...Buffer.from(gateway, 'hex')].reverse().join('.');
}

/** macOS: `route -n get default`. */
export function gatewayOfRouteGet(output: string): string | null {
  return ipv4(/^\s*gateway: (\S+)$/m.exec(output)?.[1]);
}

/** Windows: `route print -4 0.0.0.0`, in whatever language; the columns are network, mask, gateway, interface, metric. */
export function gatewayOfRoutePrint(output: string): string | null {
  const routes = [...output.matchAll(/^\s*0\.0\.0\.0\s+0\.0\.0\.0\s+([\d.]+)\s+[\d.]+\s+(\d+)\s*$/gm)];
  const [best] = routes.sort((a, b) => Number(a[2]) - Number(b[2]));
  return ipv4(best?.[1]);
}

function ipv4(text: string | undefined): string | null {
  return text !== undefined && isIPv4(text) ? text : null;
}
